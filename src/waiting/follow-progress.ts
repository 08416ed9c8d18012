import type { Lease, Phase } from '../workspaces/workspace-access.ts';

/** Prints a line whenever a part of the workspace begins something new, until the handle is disposed. */
export function followProgress(
  lease: Pick<Lease, 'containerPhase' | 'clusterPhase' | 'onPhaseChange'>,
  part: 'container' | 'cluster',
  print: (line: string) => void,
): Disposable {
  let last = '';
  const look = (): void => {
    const phase: Phase = part === 'container' ? lease.containerPhase() : lease.clusterPhase();
    if (phase.kind !== 'working') return;
    const line = `${part}: ${phase.step === '' ? phase.action : phase.step}`;
    if (line !== last) print(line);
    last = line;
  };
  look();
  return lease.onPhaseChange(look);
}
