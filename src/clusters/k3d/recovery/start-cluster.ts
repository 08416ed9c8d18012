import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { DockerNames } from '../../../names/docker-names.ts';
import type { ClusterLookup, FoundCluster } from '../cluster-lookup.ts';
import type { Attempt } from '../creation/attempt.ts';
import { type K3dProgramOptions, runK3d } from '../creation/k3d-program.ts';
import { tell } from '../creation/k3d-run.ts';
import { untilNodesReady, untilServicesReady } from '../kubernetes/readiness.ts';
import { k3sIsInit } from '../nodes/init-process.ts';
import { whileNodesLive } from '../nodes/node-watch.ts';
import { repairCluster } from './repair-cluster.ts';

/** How long a start waits for a DNS and an ingress that the student may have broken or scaled away; ms. */
const SERVICES_LIMIT = 45_000;

export interface StartInput {
  readonly engine: DockerEngine;
  readonly program: K3dProgramOptions;
  readonly lookup: ClusterLookup;
  readonly names: DockerNames;
  readonly cluster: FoundCluster;
  /** ms */
  readonly timeout: number;
}

/** Repairs what a start needs, has k3d start the nodes, and resolves when the cluster is of use. */
export async function startCluster(input: StartInput, one: Attempt): Promise<void> {
  const { engine, names, cluster } = input;
  const onRepair = (what: string) => one.logger.warn({ cluster: names.cluster, what }, 'cluster repaired');
  one.progress('looking after its nodes');
  await repairCluster(engine, { names, cluster, onRepair }, one.signal);
  await whileNodesLive(engine, cluster.nodes, one.signal, (signal) => start(input, { ...one, signal }));
}

async function start({ engine, program, lookup, names, timeout }: StartInput, one: Attempt): Promise<void> {
  const { signal, progress, logger } = one;
  await runK3d(program, {
    args: ['cluster', 'start', names.cluster, '--wait', '--timeout', `${Math.ceil(timeout / 1000)}s`],
    timeout,
    asInit: await k3sIsInit(engine, signal),
    signal,
    onLine: (line) => tell(line, one),
  });
  const awaited = await lookup.awaited(await lookup.find(names, signal), signal);
  await untilNodesReady(awaited, progress, signal);
  try {
    await untilServicesReady(
      awaited,
      progress,
      AbortSignal.any([signal, AbortSignal.timeout(SERVICES_LIMIT)]),
    );
  } catch {
    signal.throwIfAborted();
    logger.warn('DNS or ingress of the cluster does not come up; the student may have changed them');
  }
}
