import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { Logger } from '../../logging/logger.ts';
import type { DockerNames } from '../../names/docker-names.ts';
import type { NodeName } from '../../names/node-name.ts';
import type { ClusterLookup, FoundCluster } from './cluster-lookup.ts';
import { untilNodeReady } from './kubernetes/readiness.ts';
import { type ClusterNode, nodeNumber } from './nodes/cluster-nodes.ts';
import { startNodes, stopNodes } from './nodes/node-actions.ts';
import { markTakenDown, unmarkTakenDown } from './nodes/taken-down.ts';
import { repairPlaces } from './recovery/repair-cluster.ts';

/** How long an agent that was started may take to be Ready; nothing else can be done to its cluster meanwhile. ms */
const READY_LIMIT = 120_000;

/** An agent of a cluster. */
export interface AgentInput {
  readonly engine: DockerEngine;
  readonly lookup: ClusterLookup;
  readonly names: DockerNames;
  readonly node: NodeName;
  readonly logger: Logger;
}

/**
 * Takes an agent down. `docker stop` is hard enough: k3s ends without a word to its server, and its pods end with it, so Kubernetes
 * finds out by the missing heartbeats, as of a machine that lost its power. It lets containerd close its files, so that the
 * node comes back. Rejects with `NODE_UNKNOWN`.
 */
export async function takeDown(
  { engine, lookup, names, node }: AgentInput,
  signal: AbortSignal,
): Promise<void> {
  const agent = agentOf(await lookup.find(names, signal), node);
  if (agent.takenDown) return;
  await stopNodes(engine, [agent], signal);
  await markTakenDown(engine, agent, signal);
}

/**
 * Starts an agent, taken down or not, where it always was, and resolves when Kubernetes calls it Ready. The mark goes first: what
 * is cut off after that is an agent that does not run, which the next start of the cluster mends. Rejects with `NODE_UNKNOWN`, and
 * with `CLUSTER_NOT_READY` for one that runs and does not become Ready.
 */
export async function bringBack(
  { engine, lookup, names, node, logger }: AgentInput,
  signal: AbortSignal,
): Promise<void> {
  const cluster = await lookup.find(names, signal);
  const agent = agentOf(cluster, node);
  const onRepair = (what: string) => logger.warn({ cluster: names.cluster, what }, 'cluster repaired');
  await unmarkTakenDown(engine, agent, signal);
  await repairPlaces(engine, { names, cluster, onRepair }, [agent], signal);
  await startNodes(engine, [agent], signal);
  const { State } = await engine.call({
    what: 'look at the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(agent.id).inspect({ abortSignal }),
  });
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(READY_LIMIT)]);
  try {
    await untilNodeReady(lookup.api(cluster), agent.name, new Date(State.StartedAt), bounded);
  } catch (cause) {
    signal.throwIfAborted();
    throw notReady(node, agent, cause);
  }
}

function agentOf({ nodes }: FoundCluster, wanted: NodeName): ClusterNode {
  const agents = nodes.filter(({ role }) => role === 'agent');
  const found = agents.find((agent) => agentName(agent) === wanted);
  if (found !== undefined) return found;
  const others = agents.length === 0 ? 'it has none' : `there are: ${agents.map(agentName).join(', ')}`;
  const message = wanted.startsWith('server')
    ? `${wanted} runs the cluster itself, so only agents can be taken down; ${others}.`
    : `The cluster has no agent ${wanted}; ${others}.`;
  throw new FactoryError('NODE_UNKNOWN', message);
}

function notReady(node: NodeName, agent: ClusterNode, cause: unknown): FactoryError {
  return new FactoryError(
    'CLUSTER_NOT_READY',
    `${node} runs, but is not Ready yet; \`kubectl describe node ${agent.name}\` says why.`,
    { cause },
  );
}

function agentName(agent: ClusterNode): string {
  return `agent-${nodeNumber(agent)}`;
}
