import { expect, test } from 'vitest';
import { createClusterApiTarget } from '../composition/cluster-api-target.ts';
import { Harness, key, lab } from '../workspaces/testing/harness.ts';
import type { ClusterApiTarget } from './cluster-api-target.ts';
import { FakeClusters } from './testing/fake-clusters.ts';

/* What a target promises of its changes; the made-up one keeps it, too, else tests over it would show nothing. */

interface Tried {
  readonly target: ClusterApiTarget;
  /** Until nothing happens any more. */
  settle(): Promise<void>;
}

const TARGETS = {
  'the running factory': (): Tried => {
    const harness = new Harness({ ...lab, hooks: {} });
    const { world, workspaces, hooks } = harness;
    const target = createClusterApiTarget({
      workspaces,
      ports: {
        runtime: world.runtime(key),
        clusters: world.clusters(key),
        routes: world.routes(),
        hooks,
      },
      history: { read: async function* () {} },
      urls: () => ({ http: '', https: '' }),
      admit: async () => {},
    });
    return { target, settle: () => harness.clock.advance(60_000) };
  },
  'the made-up one': (): Tried => ({ target: new FakeClusters(), settle: async () => {} }),
} as const satisfies Record<string, () => Tried>;

const start = (target: ClusterApiTarget) =>
  target.command(key, { kind: 'cluster_start' }, 'carol', AbortSignal.timeout(20_000));

test.each(Object.entries(TARGETS))(
  '%s tells of the changes of a workspace that nobody knew when it was asked to',
  async (_name, make) => {
    const { target, settle } = make();
    expect(target.snapshot(key)).toBeUndefined();
    const seen: (string | undefined)[] = [];
    const listening = target.onChange(key, () => seen.push(target.snapshot(key)?.cluster?.phase.kind));
    const started = start(target);
    await settle();
    await started;
    expect(seen.at(-1)).toBe('ready');
    const heard = seen.length;
    listening[Symbol.dispose]();
    const stopped = target.command(key, { kind: 'cluster_stop' }, 'carol', AbortSignal.timeout(20_000));
    await settle();
    await stopped;
    expect(seen).toHaveLength(heard);
  },
);
