import type { FactoryError } from '../errors/factory-error.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { ExecStream, SshdTransport } from './ports/runtime.ts';

/** Who holds a lease: for status and logs. */
export interface LeaseHolder {
  /** "192.0.2.7:50122" */
  readonly clientAddress: string;
  /** The client's SSH identification string, RFC 4253 §4.2. */
  readonly clientProgram: string;
}

/** What a part of the workspace (its container, its cluster) is doing, for the person who waits for it. */
export type Phase =
  /** The lab has no such part. */
  | { readonly kind: 'none' }
  /** Nothing wants it awake. */
  | { readonly kind: 'asleep' }
  /** `since`: when this action began, ms since the epoch; `step`: what it is at, a short phrase. */
  | {
      readonly kind: 'working';
      readonly action: WorkspaceAction;
      readonly step: string;
      readonly since: number;
    }
  | { readonly kind: 'ready' }
  /** It will be tried again at `retryAt`, ms since the epoch. The log has it under the error's id. */
  | {
      readonly kind: 'failed';
      readonly error: FactoryError;
      readonly retryAt: number;
    };

/** `connect`: a running cluster's route and kubeconfig are put in place; like `resume` it takes well under a second. */
export type WorkspaceAction = 'create' | 'start' | 'resume' | 'connect' | 'suspend' | 'stop' | 'remove';

/**
 * A session's hold on its workspace. While it is held the workspace is awake or on its way there; when the last one is
 * released the grace time begins. What the gateway knows of a workspace it knows through this.
 */
export interface Lease {
  readonly key: WorkspaceKey;
  /** Resolves when the container runs; rejects with the `FactoryError` of the attempt that failed. */
  containerReady(signal: AbortSignal): Promise<void>;
  /** Resolves when the cluster is of use; rejects as above, and with `LAB_WITHOUT_CLUSTER` where the lab has none. */
  clusterReady(signal: AbortSignal): Promise<void>;
  containerPhase(): Phase;
  clusterPhase(): Phase;
  /** Calls `listener` after each change of a phase, until the returned handle is disposed or the lease is released. */
  onPhaseChange(listener: () => void): Disposable;
  openSshd(signal: AbortSignal): Promise<SshdTransport>;
  exec(
    command: readonly string[],
    pty: { columns: number; rows: number; term: string } | undefined,
    signal: AbortSignal,
  ): Promise<ExecStream>;
  /** Rebuilds the container from its image; the home stays. Resolves when the new one runs. */
  resetContainer(signal: AbortSignal): Promise<void>;
  publicKubeconfig(signal: AbortSignal): Promise<string>;
  /** The host under which the workspace's Ingresses answer, and the URLs that the routes give it. */
  readonly urls: { readonly http: string; readonly https: string };
  /** The client has sent something for one of its channels: a key, a line of a script, a byte through a forward. */
  noteInput(): void;
  /** Idempotent. */
  release(): void;
}

/** What the gateway asks of the workspaces. */
export interface WorkspaceAccess {
  /** Never waits: the workspace begins to wake up as this returns. Throws `SHUTTING_DOWN`, `LAB_UNKNOWN`. */
  lease(key: WorkspaceKey, holder: LeaseHolder): Lease;
}
