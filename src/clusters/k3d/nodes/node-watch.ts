import { setTimeout as delay } from 'node:timers/promises';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { type ClusterNode, members } from './cluster-nodes.ts';

const INTERVAL = 500;

/** A node that was started has ended by itself. */
export class EndOfNode extends Error {
  constructor(node: string, { ExitCode, OOMKilled }: Pick<NodeState, 'ExitCode' | 'OOMKilled'>) {
    super(`${node} ended by itself: ${OOMKilled ? 'its memory was used up' : `exit code ${ExitCode}`}`);
    this.name = 'EndOfNode';
  }
}

/**
 * Runs a start with a signal that also aborts, with an `EndOfNode`, when a node that was started meanwhile has ended: k3d would
 * wait for it until its own time is over.
 */
export async function whileNodesLive(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
  start: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const before = await states(engine, nodes, signal);
  const over = new AbortController();
  const ended = new AbortController();
  const watching = AbortSignal.any([signal, over.signal]);
  const watched = watch(engine, nodes, before, watching).then((end) => end && ended.abort(end));
  try {
    await start(AbortSignal.any([signal, ended.signal]));
  } catch (thrown) {
    signal.throwIfAborted();
    // What was thrown may be a consequence, and sooner here: k3d's log that ended, a request that found nobody.
    if (ended.signal.aborted) throw ended.signal.reason;
    throw (await look(engine, nodes, before, signal)) ?? thrown;
  } finally {
    over.abort();
    await watched;
  }
}

interface NodeState {
  readonly Status: string;
  readonly StartedAt: string;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
}

type States = ReadonlyMap<string, NodeState>;

async function watch(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  before: States,
  signal: AbortSignal,
): Promise<EndOfNode | undefined> {
  while (!signal.aborted) {
    const end = await look(engine, nodes, before, signal);
    if (end !== undefined) return end;
    await delay(INTERVAL, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function look(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  before: States,
  signal: AbortSignal,
): Promise<EndOfNode | undefined> {
  // An engine that does not answer says nothing of the nodes; whoever starts them meets that, too.
  const now = await states(engine, nodes, signal).catch((): States => new Map());
  for (const [name, state] of now) {
    const wasStarted = state.StartedAt !== before.get(name)?.StartedAt;
    if (wasStarted && state.Status === 'exited') return new EndOfNode(name, state);
  }
  return undefined;
}

async function states(
  engine: DockerEngine,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<States> {
  const each = members(nodes).map(async ({ id, name }) => {
    const { State } = await engine.call({
      what: 'look at the node',
      signal,
      request: (docker, abortSignal) => docker.getContainer(id).inspect({ abortSignal }),
    });
    return [name, State] as const;
  });
  return new Map(await Promise.all(each));
}
