import type { EngineHost, GarbageSurroundings } from '../backend/engine-host.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { ClusterDefinition, Given, LabDefinition } from '../labs/lab-definition.ts';
import type { LabResolver } from '../labs/lab-resolver.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { type BoundOperation, bind, laneOf } from './bound-operation.ts';
import { type GarbageCircumstances, OPERATIONS, PROTOCOL } from './operations.ts';

export interface ServedHost {
  /** Of this program. */
  readonly version: string;
  /** This process's own: what a workspace is made of comes from here and never from who asks. */
  readonly labs: Pick<LabResolver, 'resolve'>;
  /** Opened with the first question; rejects as opening it does, and is tried again with the next. */
  readonly host: () => Promise<EngineHost>;
}

/** Everything in the table of operations, carried out on this host. */
export function bindOperations(served: ServedHost): readonly BoundOperation[] {
  return [
    ...backendOperations(served),
    ...runtimeOperations(served),
    ...clusterOperations(served),
    ...frontOperations(served),
  ];
}

function backendOperations({ version, host }: ServedHost): readonly BoundOperation[] {
  const { open, memory, reviveProxy, garbage, collectGarbage } = OPERATIONS.backend;
  return [
    bind(open, async () => {
      const { instance, proxy } = await host();
      const { http, https, kube } = proxy.ports;
      return { protocol: PROTOCOL, version, instance, ports: { http, https, kube }, api: proxy.api };
    }),
    bind(memory, async (_, { signal }) => (await host()).memory.available(signal)),
    bind(reviveProxy, async (_, { signal }) => (await host()).proxy.revive(signal)),
    bind(garbage, async ({ circumstances }, { signal }) =>
      (await host()).garbage(surroundings(circumstances)).list(signal),
    ),
    bind(collectGarbage, async ({ circumstances, item }, { signal }) =>
      (await host()).garbage(surroundings(circumstances)).collect([item], signal),
    ),
  ];
}

function runtimeOperations({ labs, host }: ServedHost): readonly BoundOperation[] {
  const { observe, list, memory, create, start, resume, suspend, stop, remove, erase, attach, putFiles } =
    OPERATIONS.runtime;
  const runtime = async () => (await host()).runtime;
  const lane = laneOf('container');
  return [
    bind(observe, async ({ key }, { signal }) => (await runtime()).observe(key, signal)),
    bind(list, async (_, { signal }) => (await runtime()).list(signal)),
    bind(memory, async ({ key }, { signal }) => (await runtime()).memory(key, signal)),
    bind(
      create,
      async ({ key, values, authorizedKey }, { progress, signal }) =>
        (await host()).runtimeFor(authorizedKey).create(key, labOf(labs, key, { values }), progress, signal),
      lane,
    ),
    bind(start, async ({ key }, { signal }) => (await runtime()).start(key, signal), lane),
    bind(resume, async ({ key }, { signal }) => (await runtime()).resume(key, signal), lane),
    bind(suspend, async ({ key }, { signal }) => (await runtime()).suspend(key, signal), lane),
    bind(stop, async ({ key }, { signal }) => (await runtime()).stop(key, signal), lane),
    bind(remove, async ({ key }, { signal }) => (await runtime()).remove(key, signal), lane),
    bind(erase, async ({ key, home }, { signal }) => (await runtime()).erase(key, { home }, signal), lane),
    bind(
      putFiles,
      async ({ key, id, files }, { signal }) => (await runtime()).putFiles(key, id, files, signal),
      lane,
    ),
    // Looked up here: who asks could name another workspace's network.
    bind(
      attach,
      async ({ key }, { signal }) => {
        const { runtime, clusters } = await host();
        await runtime.attach(key, await clusters.attachment(key, signal), signal);
      },
      lane,
    ),
  ];
}

function clusterOperations({ labs, host }: ServedHost): readonly BoundOperation[] {
  const operations = OPERATIONS.clusters;
  const clusters = async () => (await host()).clusters;
  const lane = laneOf('cluster');
  return [
    bind(operations.observe, async ({ key }, { signal }) => (await clusters()).observe(key, signal)),
    bind(operations.list, async (_, { signal }) => (await clusters()).list(signal)),
    bind(operations.memory, async ({ key }, { signal }) => (await clusters()).memory(key, signal)),
    bind(operations.addresses, async ({ key }, { signal }) => (await clusters()).addresses(key, signal)),
    bind(operations.attachment, async ({ key }, { signal }) => (await clusters()).attachment(key, signal)),
    bind(operations.nodes, async ({ key }, { signal }) => (await clusters()).nodes(key, signal)),
    bind(operations.logs, async ({ key, lines }, { signal }) =>
      (await clusters()).logs(key, { lines }, signal),
    ),
    bind(operations.publicKubeconfig, async ({ key }, { signal }) =>
      (await clusters()).publicKubeconfig(key, signal),
    ),
    bind(
      operations.create,
      async ({ key, values }, { progress, signal }) => {
        const given = { values };
        const definition = clusterOf(labOf(labs, key, given));
        return (await clusters()).create(key, definition, given, progress, signal);
      },
      lane,
    ),
    bind(
      operations.start,
      async ({ key }, { progress, signal }) => (await clusters()).start(key, progress, signal),
      lane,
    ),
    bind(
      operations.resume,
      async ({ key }, { progress, signal }) => (await clusters()).resume(key, progress, signal),
      lane,
    ),
    bind(operations.suspend, async ({ key }, { signal }) => (await clusters()).suspend(key, signal), lane),
    bind(operations.stop, async ({ key }, { signal }) => (await clusters()).stop(key, signal), lane),
    bind(operations.remove, async ({ key }, { signal }) => (await clusters()).remove(key, signal), lane),
    bind(operations.setAside, async ({ key }, { signal }) => (await clusters()).setAside(key, signal), lane),
    bind(
      operations.stopNode,
      async ({ key, node }, { signal }) => (await clusters()).stopNode(key, node, signal),
      lane,
    ),
    bind(
      operations.startNode,
      async ({ key, node }, { signal }) => (await clusters()).startNode(key, node, signal),
      lane,
    ),
  ];
}

function frontOperations({ host }: ServedHost): readonly BoundOperation[] {
  const { list, launch, putKubeconfig, remove } = OPERATIONS.fronts;
  return [
    bind(list, async (_, { signal }) => (await host()).fronts.list(signal)),
    bind(launch, async ({ connection, env }, { signal }) =>
      (await host()).fronts.launch(connection, env, signal),
    ),
    // Looked up here, as for the lab container.
    bind(putKubeconfig, async ({ key, id }, { signal }) => {
      const { fronts, clusters } = await host();
      const { kubeconfig } = await clusters.attachment(key, signal);
      await fronts.putKubeconfig({ id, key }, kubeconfig, signal);
    }),
    bind(remove, async ({ id }, { signal }) => (await host()).fronts.remove(id, signal)),
  ];
}

function labOf(labs: ServedHost['labs'], key: WorkspaceKey, given: Given): LabDefinition {
  const lab = labs.resolve(key, given);
  if (lab !== undefined) return lab;
  throw new FactoryError(
    'LAB_UNKNOWN',
    `The cluster service knows no lab ${key.lab}; start it with the configuration of the gateway.`,
  );
}

function clusterOf({ name, cluster }: LabDefinition): ClusterDefinition {
  if (cluster !== undefined) return cluster;
  throw new FactoryError('LAB_WITHOUT_CLUSTER', `For the cluster service the lab ${name} has no cluster.`);
}

function surroundings({ known, routed, live, working }: GarbageCircumstances): GarbageSurroundings {
  const isAmong = (keys: readonly WorkspaceKey[]) => {
    const names = new Set(keys.map(formatWorkspaceKey));
    return (key: WorkspaceKey) => names.has(formatWorkspaceKey(key));
  };
  const circumstances = {
    now: Date.now(),
    makers: 'known',
    isLive: isAmong(live),
    isWorking: isAmong(working),
  } as const;
  return {
    circumstances: () => circumstances,
    known: () => known,
    // Who asks sees to routes: the file is theirs.
    routes: { keys: () => routed, remove: async () => {} },
  };
}
