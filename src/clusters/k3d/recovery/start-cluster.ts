import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { DockerNames } from '../../../names/docker-names.ts';
import type { ClusterLookup, FoundCluster } from '../cluster-lookup.ts';
import type { Attempt } from '../creation/attempt.ts';
import { type K3dProgramOptions, runK3d } from '../creation/k3d-program.ts';
import { tell } from '../creation/k3d-run.ts';
import {
  type AwaitedCluster,
  untilApiAnswers,
  untilNodesReady,
  untilServicesReady,
} from '../kubernetes/readiness.ts';
import { members, serversOf } from '../nodes/cluster-nodes.ts';
import { k3sIsInit } from '../nodes/init-process.ts';
import { startNodes, unpauseNodes } from '../nodes/node-actions.ts';
import { whileNodesLive } from '../nodes/node-watch.ts';
import { forgetLostAgents } from './lost-agents.ts';
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

/** Repairs what a start needs, has the nodes started, and resolves when the cluster is of use. */
export async function startCluster(input: StartInput, one: Attempt): Promise<void> {
  const { engine, names, cluster } = input;
  const onRepair = (what: string) => one.logger.warn({ cluster: names.cluster, what }, 'cluster repaired');
  one.progress('looking after its nodes');
  // k3d takes a paused node for one that runs.
  await unpauseNodes(engine, members(cluster.nodes), one.signal);
  await repairCluster(engine, { names, cluster, onRepair }, one.signal);
  await whileNodesLive(engine, cluster.nodes, one.signal, (signal) => start(input, { ...one, signal }));
}

async function start(input: StartInput, one: Attempt): Promise<void> {
  const { lookup, names, cluster } = input;
  const { signal, progress, logger } = one;
  const someAreDown = cluster.nodes.some(({ takenDown }) => takenDown);
  await (someAreDown ? startWithDocker(input, one) : startWithK3d(input, one));
  const awaited = await lookup.awaited(await lookup.find(names, signal), signal);
  await untilNodesReady(awaited, progress, signal);
  await forgetLostAgents(lookup.api(cluster), input, { signal, logger });
  await untilServicesStarted(awaited, { signal, progress, logger });
}

/** DNS and ingress of a cluster whose nodes are Ready since a start, whoever started it: waits for them, and not for ever. */
export async function untilServicesStarted(
  awaited: AwaitedCluster,
  { signal, progress, logger }: Pick<Attempt, 'signal' | 'progress' | 'logger'>,
): Promise<void> {
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

async function startWithK3d(
  { engine, program, names, timeout }: StartInput,
  { signal, ...one }: Attempt,
): Promise<void> {
  await runK3d(program, {
    args: ['cluster', 'start', names.cluster, '--wait', '--timeout', `${Math.ceil(timeout / 1000)}s`],
    timeout,
    asInit: await k3sIsInit(engine, signal),
    signal,
    onLine: (line) => tell(line, one),
  });
}

/**
 * Leaves out the nodes that were taken down: k3d starts all of a cluster or, with `node start`, does no more than Docker does
 * (cmd/node/nodeStart.go). What it would add is its name for the host in DNS, `host.k3d.internal`.
 */
async function startWithDocker(
  { engine, lookup, cluster }: StartInput,
  { signal, progress }: Attempt,
): Promise<void> {
  const up = members(cluster.nodes).filter(({ takenDown }) => !takenDown);
  progress('starting Kubernetes');
  await startNodes(engine, serversOf(up), signal);
  await untilApiAnswers(lookup.api(cluster), signal);
  progress('starting its agents');
  const agents = up.filter(({ role }) => role === 'agent');
  await startNodes(engine, agents, signal);
}
