import type { FrontContainers } from '../containerssh/front-containers.ts';
import type { GarbageCollector } from '../control/garbage-schema.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clusters } from '../workspaces/ports/clusters.ts';
import type { HostMemory } from '../workspaces/ports/host-memory.ts';
import type { Routes } from '../workspaces/ports/routes.ts';
import type { Runtime } from '../workspaces/ports/runtime.ts';
import type { Workspaces } from '../workspaces/workspaces.ts';

/**
 * All that a factory needs of the host on which the workspaces run, and that takes the rights of its Docker engine. What decides,
 * and what faces people, is on the other side.
 */
export interface Backend {
  /** In the name and the labels of all that it makes. */
  readonly instance: InstanceId;
  readonly runtime: Runtime;
  readonly clusters: Clusters;
  /** Those of a ContainerSSH in front. */
  readonly fronts: FrontContainers;
  readonly memory: HostMemory;
  readonly proxy: RouteProxy;
  /** Tells what happens to containers and nodes, over every loss of whoever knows; resolves when `signal` aborts, and never rejects. */
  follow(watcher: BackendWatcher, signal: AbortSignal): Promise<void>;
  /** Beside controllers that go on: whatever they have a part, a session or a step of is let alone. */
  garbage(controllers: Controllers): GarbageCollector;
}

/** The Traefik that serves the routes; it runs. */
export interface RouteProxy {
  /** The ports of its entry points, none of them 0. */
  readonly ports: { readonly http: number; readonly https: number; readonly kube: number };
  /** URL of its API, without a path. */
  readonly api: string;
  /** Starts it where something ended it; does not wait until it answers. */
  revive(signal: AbortSignal): Promise<void>;
}

export interface BackendWatcher {
  /** A container of this workspace (the lab's, or a node of its cluster) came, went or changed its state. */
  readonly onChange: (key: WorkspaceKey) => void;
  /** From now on it is told (again): what happened before was not seen, so look at everything. */
  readonly onConnected: () => void;
}

/** Who knows what is of use. */
export interface Controllers {
  readonly workspaces: Pick<Workspaces, 'snapshots'>;
  readonly routes: Routes;
}
