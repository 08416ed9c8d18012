import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { ClusterNode } from './cluster-nodes.ts';

/** Seconds that k3s gets to end by itself. */
const STOP_GRACE = 30;

/** Pauses the nodes that run, all at once; where one cannot be paused the others run on. */
export async function pauseNodes(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<void> {
  const running = nodes.filter((node) => node.state === 'running');
  const results = await Promise.allSettled(running.map((node) => pause(engine, node, signal)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  const paused = running.filter((_, index) => results[index]?.status === 'fulfilled');
  const patience = AbortSignal.timeout(10_000);
  await Promise.allSettled(paused.map((node) => unpause(engine, node, patience)));
  throw failed.reason;
}

/** Wakes the paused nodes, agents first: one that wakes after its server is NotReady for longer. */
export async function unpauseNodes(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<void> {
  const paused = nodes.filter((node) => node.state === 'paused');
  for (const isServer of [false, true]) {
    const next = paused.filter((node) => (node.role === 'server') === isServer);
    await Promise.all(next.map((node) => unpause(engine, node, signal)));
  }
}

/** Stops the nodes, paused ones too; agents first, so that each can still say goodbye to its server. */
export async function stopNodes(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<void> {
  for (const role of ['agent', 'server', 'other'] as const) {
    await Promise.all(nodes.filter((node) => node.role === role).map((node) => stop(engine, node, signal)));
  }
}

/** Starts nodes that do not run, all at once. */
export async function startNodes(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(nodes.map((node) => start(engine, node, signal)));
}

async function start(engine: DockerEngine, node: ClusterNode, signal: AbortSignal): Promise<void> {
  await engine.callUnless([304], {
    what: 'start the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(node.id).start({ abortSignal }),
  });
}

async function pause(engine: DockerEngine, node: ClusterNode, signal: AbortSignal): Promise<void> {
  await engine.call({
    what: 'pause the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(node.id).pause({ abortSignal }),
  });
}

async function unpause(engine: DockerEngine, node: ClusterNode, signal: AbortSignal): Promise<void> {
  await engine.call({
    what: 'wake the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(node.id).unpause({ abortSignal }),
  });
}

async function stop(engine: DockerEngine, node: ClusterNode, signal: AbortSignal): Promise<void> {
  await engine.callUnless([304, 404], {
    what: 'stop the node',
    signal,
    timeout: (STOP_GRACE + 30) * 1000,
    request: (docker, abortSignal) => docker.getContainer(node.id).stop({ t: STOP_GRACE, abortSignal }),
  });
}
