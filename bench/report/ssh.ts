import { type Samples, summarize } from './comparison.ts';

/** What we may be beside the others. */
export type SshGoal =
  /** Of a rate: the least share of each. */
  | { readonly kind: 'share'; readonly ofSshd: number; readonly ofBridge: number }
  /** Of a time: how much more than `alone` it may be; ms. */
  | { readonly kind: 'added'; readonly alone: Samples; readonly most: number };

/** One thing done by `ssh` through the factory, to a plain sshd, and through a bare bridge; in turn. */
export interface SshComparison {
  readonly what: string;
  readonly unit: 'ms' | 'MiB/s';
  readonly ours: Samples;
  /** Empty: there is no such thing. */
  readonly sshd: Samples;
  readonly bridge: Samples;
  readonly goal?: SshGoal;
}

export interface SshVerdict {
  readonly text: string;
  readonly reached: boolean;
}

/** Undefined: nobody set a goal. */
export function sshVerdict({ ours, sshd, bridge, goal }: SshComparison): SshVerdict | undefined {
  const median = (samples: Samples) => summarize(samples).median;
  if (goal === undefined) return undefined;
  if (goal.kind === 'added') {
    const added = median(ours) - median(goal.alone);
    return { text: `≤ ${goal.most} ms more than alone`, reached: added <= goal.most };
  }
  const { ofSshd, ofBridge } = goal;
  const reached = median(ours) >= ofSshd * median(sshd) && median(ours) >= ofBridge * median(bridge);
  return { text: `≥ ${ofSshd} and ≥ ${ofBridge}`, reached };
}
