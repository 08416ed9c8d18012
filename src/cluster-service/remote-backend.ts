import { setTimeout as delay } from 'node:timers/promises';
import type { Backend, BackendWatcher, Controllers } from '../backend/backend.ts';
import { circumstancesOf } from '../backend/live-circumstances.ts';
import type { FrontContainers } from '../containerssh/front-containers.ts';
import type { Collection, GarbageCollector } from '../control/garbage-schema.ts';
import { asFactoryError } from '../errors/factory-error.ts';
import type { Logger } from '../logging/logger.ts';
import { parseLogin } from '../names/login.ts';
import { sessionEnv } from '../runtime/session-env.ts';
import type { Clusters } from '../workspaces/ports/clusters.ts';
import type { Runtime } from '../workspaces/ports/runtime.ts';
import { ClusterClient, type ClusterClientOptions } from './cluster-client.ts';
import { type GarbageCircumstances, OPERATIONS } from './operations.ts';
import { openRemoteExec, openRemoteSshd } from './streams/stream-client.ts';

export interface RemoteBackendOptions extends ClusterClientOptions {
  /** The public half of the key that the gateway uses with the inner sshd: one line of authorized_keys. */
  readonly innerAuthorizedKey: string;
  readonly logger: Logger;
}

export interface RemoteBackend extends Backend, AsyncDisposable {}

/** Nothing is to be told while it goes on. */
const silently = () => {};

/**
 * The engine of a process with the role `clusters`. Resolves when it answers and Traefik runs there. Rejects with
 * `CLUSTER_SERVICE_UNREACHABLE`, `CLUSTER_SERVICE_UNFIT`, `TOKEN_REFUSED`, and as opening the engine does there.
 */
export async function openRemoteBackend(
  options: RemoteBackendOptions,
  signal: AbortSignal,
): Promise<RemoteBackend> {
  const client = new ClusterClient(options);
  const { memory, open, reviveProxy } = OPERATIONS.backend;
  try {
    const { instance, ports, api } = await client.run(open, {}, silently, signal);
    return {
      instance,
      runtime: remoteRuntime(client, options),
      clusters: remoteClusters(client),
      fronts: remoteFronts(client),
      memory: { available: (stop) => client.read(memory, {}, stop) },
      proxy: { ports, api, revive: (stop) => client.run(reviveProxy, {}, silently, stop) },
      follow: (watcher, stop) => follow(client, watcher, options.logger, stop),
      garbage: (controllers) => remoteGarbage(client, controllers),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

/** Labs and attachments are not sent: the service has its own. What a hook gave for the labs' templates is. */
export function remoteRuntime(client: ClusterClient, options: RemoteBackendOptions): Runtime {
  const operations = OPERATIONS.runtime;
  const { innerAuthorizedKey: authorizedKey } = options;
  return {
    observe: (key, signal) => client.read(operations.observe, { key }, signal),
    list: (signal) => client.read(operations.list, {}, signal),
    memory: (key, signal) => client.read(operations.memory, { key }, signal),
    create: (key, { given: { values } }, progress, signal) =>
      client.run(operations.create, { key, values, authorizedKey }, progress, signal),
    start: (key, signal) => client.run(operations.start, { key }, silently, signal),
    resume: (key, signal) => client.run(operations.resume, { key }, silently, signal),
    suspend: (key, signal) => client.run(operations.suspend, { key }, silently, signal),
    stop: (key, signal) => client.run(operations.stop, { key }, silently, signal),
    remove: (key, signal) => client.run(operations.remove, { key }, silently, signal),
    erase: (key, { home }, signal) => client.run(operations.erase, { key, home }, silently, signal),
    attach: (key, _attachment, signal) => client.run(operations.attach, { key }, silently, signal),
    putFiles: (key, id, files, signal) =>
      client.run(operations.putFiles, { key, id, files }, silently, signal),
    openSshd: (key, own, signal) => {
      const env = sessionEnv(own, options.logger);
      return openRemoteSshd(options, { open: 'sshd', key, authorizedKey, env }, signal);
    },
    exec: (key, command, pty, signal) =>
      openRemoteExec(options, { open: 'exec', key, command: [...command], pty: pty ?? null }, signal),
  };
}

export function remoteClusters(client: ClusterClient): Clusters {
  const operations = OPERATIONS.clusters;
  return {
    observe: (key, signal) => client.read(operations.observe, { key }, signal),
    list: (signal) => client.read(operations.list, {}, signal),
    memory: (key, signal) => client.read(operations.memory, { key }, signal),
    addresses: (key, signal) => client.read(operations.addresses, { key }, signal),
    attachment: (key, signal) => client.read(operations.attachment, { key }, signal),
    nodes: (key, signal) => client.read(operations.nodes, { key }, signal),
    logs: (key, { lines }, signal) => client.read(operations.logs, { key, lines }, signal),
    publicKubeconfig: (key, signal) => client.read(operations.publicKubeconfig, { key }, signal),
    create: (key, _definition, { values }, progress, signal) =>
      client.run(operations.create, { key, values }, progress, signal),
    start: (key, progress, signal) => client.run(operations.start, { key }, progress, signal),
    resume: (key, progress, signal) => client.run(operations.resume, { key }, progress, signal),
    suspend: (key, signal) => client.run(operations.suspend, { key }, silently, signal),
    stop: (key, signal) => client.run(operations.stop, { key }, silently, signal),
    remove: (key, signal) => client.run(operations.remove, { key }, silently, signal),
    setAside: (key, signal) => client.run(operations.setAside, { key }, silently, signal),
    stopNode: (key, node, signal) => client.run(operations.stopNode, { key, node }, silently, signal),
    startNode: (key, node, signal) => client.run(operations.startNode, { key, node }, silently, signal),
  };
}

function remoteFronts(client: ClusterClient): FrontContainers {
  const { list, launch, putKubeconfig, remove } = OPERATIONS.fronts;
  return {
    list: (signal) => client.read(list, {}, signal),
    launch: (connection, env, signal) => client.read(launch, { connection, env }, signal),
    putKubeconfig: ({ id, key }, _kubeconfig, signal) =>
      client.run(putKubeconfig, { id, key }, silently, signal),
    remove: (id, signal) => client.run(remove, { id }, silently, signal),
  };
}

const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;

async function follow(
  client: ClusterClient,
  { onChange, onConnected }: BackendWatcher,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    try {
      for await (const event of client.events(signal)) {
        wait = FIRST_WAIT;
        if (event.kind === 'connected') onConnected();
        else onChange(event.key);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      logger.warn({ err: asFactoryError(thrown), wait }, 'lost the events of the cluster service');
    }
    await delay(wait, undefined, { signal }).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

function remoteGarbage(client: ClusterClient, { workspaces, routes }: Controllers): GarbageCollector {
  const { garbage, collectGarbage } = OPERATIONS.backend;
  /** As they are at this moment. */
  const circumstances = (): GarbageCircumstances => {
    const snapshots = workspaces.snapshots();
    const known = snapshots.map(({ key }) => key);
    const { isLive, isWorking } = circumstancesOf(snapshots, Date.now());
    return {
      known,
      routed: known.filter((key) => routes.current(key) !== undefined),
      live: known.filter(isLive),
      working: known.filter(isWorking),
    };
  };
  return {
    list: (signal) => client.read(garbage, { circumstances: circumstances() }, signal),
    async collect(items, signal): Promise<Collection> {
      const whole: Collection = { removed: [], failed: [] };
      // One by one: who has come meanwhile is seen.
      for (const item of items) {
        const input = { circumstances: circumstances(), item };
        const { removed, failed } = await client.run(collectGarbage, input, silently, signal);
        for (const { kind, workspace } of removed) {
          const key = kind === 'route' && workspace !== null ? parseLogin(workspace) : undefined;
          if (key?.lab !== undefined) await routes.remove({ user: key.user, lab: key.lab }, signal);
        }
        whole.removed.push(...removed);
        whole.failed.push(...failed);
      }
      return whole;
    },
  };
}
