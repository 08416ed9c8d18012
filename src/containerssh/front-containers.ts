import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { FrontConnection, FrontLaunch } from './front-sessions.ts';

/** A container that a ContainerSSH in front has made for one of its connections. */
export interface FrontContainer {
  /** As its engine names it. */
  readonly id: string;
  /** As the labels of the container have it. */
  readonly connection: FrontConnection;
  /** `ended`: it has no processes any more, and comes back only as another one. */
  readonly state: 'starting' | 'running' | 'paused' | 'ended';
  /** A process runs in it that somebody began, be it a shell in which nobody types. */
  readonly busy: boolean;
  /** The lab container that it shares the network with has gone, or was started anew: what runs in it reaches nothing. */
  readonly cutOff: boolean;
}

/** The containers of a ContainerSSH in front, in all workspaces of this factory. Each method rejects with a `FactoryError`. */
export interface FrontContainers {
  list(signal: AbortSignal): Promise<readonly FrontContainer[]>;
  /** What the front is to run in this workspace, whose own container must run. `env`: of the session. */
  launch(
    connection: FrontConnection,
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<FrontLaunch>;
  /** Puts the kubeconfig where kubectl finds it in the (running) container. Again, it does nothing. */
  putKubeconfig(container: FrontContainerRef, kubeconfig: string, signal: AbortSignal): Promise<void>;
  /** One that is gone, or is none of a front, is let alone. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** One container; what is done to it is done only if it is of this workspace. */
export interface FrontContainerRef {
  readonly id: string;
  readonly key: WorkspaceKey;
}
