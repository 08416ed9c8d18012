import type { FactoryError } from '../errors/factory-error.ts';
import type { LabDefinition } from '../labs/lab-definition.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { ExecStream, SshdTransport } from './ports/runtime.ts';

/** Who holds a lease: for status and logs. */
export interface LeaseHolder {
  /** Of the session; no other has it. */
  readonly session: string;
  /** "192.0.2.7:50122" */
  readonly clientAddress: string;
  /** The client's SSH identification string, RFC 4253 §4.2. */
  readonly clientProgram: string;
}

/** A channel of a session, for status. */
export interface OpenChannel {
  /** `forward`: in either direction, of TCP or of a Unix socket. */
  readonly kind: 'shell' | 'command' | 'subsystem' | 'forward';
  /** Of a subsystem: "sftp"; else empty. What people type is nobody's business. */
  readonly name: string;
}

/** A session that is open now, for whoever looks. Times in ms since the epoch. */
export interface OpenSession {
  readonly holder: LeaseHolder;
  /** What people call the client: "OpenSSH", "VS Code", "sftp". */
  readonly client: string;
  readonly since: number;
  /** When the client last sent something for one of its channels; at first `since`. */
  readonly lastInput: number;
  /** The channels that are open now, forwards among them. */
  readonly channels: ReadonlySet<OpenChannel>;
  /** When the session is ended, if nothing changes; undefined: no limit. */
  readonly endsAt: number | undefined;
}

/** The end that `max_session` sets. */
export interface SessionLimit {
  /** ms since the epoch. */
  readonly endsAt: number;
  /** By how much it may still be put off, ms. */
  readonly left: number;
}

/** Why a session ended. */
export type SessionEnd =
  /** The client closed it. */
  | 'closed'
  /** The client was silent for too long, its connection broke, or that to the container did and could not be made again as it was. */
  | 'lost'
  /** No input for `idle_disconnect`. */
  | 'idle'
  /** It lasted `max_session`. */
  | 'max_session'
  /** A command of the operator. */
  | 'operator'
  /** The factory drains or stops. */
  | 'restart'
  /** It was found out later that they may not come in by their name. */
  | 'refused'
  /** The client broke the rules. */
  | 'protocol_error'
  /** The factory was killed while it was open; told when it starts again. */
  | 'factory_killed';

/** What a session's client is to be told, or done to. */
export type SessionNotice =
  /** It will be ended then (ms since the epoch) if nothing changes. */
  | { readonly kind: 'ends_soon'; readonly because: 'idle' | 'max_session'; readonly at: number }
  /** It must be ended now; the lease is released by whoever ends it. */
  | { readonly kind: 'over'; readonly because: 'idle' | 'max_session' | 'operator' };

/** What a student should know of the lab's lifecycle when a session begins. Times in ms since the epoch. */
export interface LifecycleNews {
  /** When the cluster was deleted since the last session, because nobody had come. */
  readonly deletedAt: number | undefined;
  /** How long after the end of this session the cluster is deleted if nobody comes, ms; undefined: never. */
  readonly deletedAfter: number | undefined;
}

/** What a part of the workspace (its container, its cluster) is doing, for the person who waits for it. */
export type Phase =
  /** The lab has no such part. */
  | { readonly kind: 'none' }
  /** Nothing wants it awake. */
  | { readonly kind: 'asleep' }
  /** Somebody's order keeps it down, although people are there. */
  | { readonly kind: 'down'; readonly order: 'suspend' | 'stop' | 'delete'; readonly by: string }
  /** `since`: when this action began, ms since the epoch; `step`: what it is at, a short phrase. */
  | {
      readonly kind: 'working';
      readonly action: WorkspaceAction;
      readonly step: string;
      readonly since: number;
      /** When it is given up, ms since the epoch. */
      readonly overdueAt: number;
    }
  | { readonly kind: 'ready' }
  /** It will be tried again at `retryAt`, ms since the epoch. The log has it under the error's id. */
  | {
      readonly kind: 'failed';
      readonly error: FactoryError;
      readonly retryAt: number;
    };

/**
 * `connect`: a running cluster's route and kubeconfig are put in place; like `resume` it takes well under a second. `reset`: it is
 * removed because somebody wants it made anew; of a cluster what it held is kept aside.
 */
export type WorkspaceAction =
  | 'create'
  | 'start'
  | 'resume'
  | 'connect'
  | 'suspend'
  | 'stop'
  | 'remove'
  | 'reset';

/**
 * A session's hold on its workspace. While it is held the workspace is awake or on its way there; when the last one is
 * released the grace time begins. What the gateway knows of a workspace it knows through this.
 */
export interface Lease {
  readonly key: WorkspaceKey;
  readonly holder: LeaseHolder;
  /** As this user gets it, now. */
  readonly lab: LabDefinition;
  /**
   * Resolves when the container runs and the lab's `initialization` was answered; rejects with the `FactoryError` of the attempt that
   * failed.
   */
  containerReady(signal: AbortSignal): Promise<void>;
  /** Resolves when the cluster is of use; rejects as above, and with `LAB_WITHOUT_CLUSTER` where the lab has none. */
  clusterReady(signal: AbortSignal): Promise<void>;
  containerPhase(): Phase;
  clusterPhase(): Phase;
  /** Calls `listener` after each change of a phase, until the returned handle is disposed or the lease is released. */
  onPhaseChange(listener: () => void): Disposable;
  /** The variables of this session, from the lab and from hooks. Throws `LAB_INVALID`. */
  env(): Readonly<Record<string, string>>;
  /** How long a container of a front in which nothing runs keeps its session, ms. */
  readonly leftBehindAfter: number;
  openSshd(signal: AbortSignal): Promise<SshdTransport>;
  exec(
    command: readonly string[],
    pty: { columns: number; rows: number; term: string } | undefined,
    signal: AbortSignal,
  ): Promise<ExecStream>;
  /** Rebuilds the container from its image; the home stays. Resolves when the new one runs. */
  resetContainer(signal: AbortSignal): Promise<void>;
  /** Makes a new cluster; the state of the old one is kept aside. Resolves when the new one is of use. */
  resetCluster(signal: AbortSignal): Promise<void>;
  publicKubeconfig(signal: AbortSignal): Promise<string>;
  /** The host under which the workspace's Ingresses answer, and the URLs that the routes give it. */
  readonly urls: { readonly http: string; readonly https: string };
  /**
   * Somebody works in the workspace: an order from before that keeps its cluster down is over. Who only asks how things are, or gives
   * orders, does not call it. Only the first call counts.
   */
  noteUse(): void;
  /** The client has sent something for one of its channels: a key, a line of a script, a byte through a forward. */
  noteInput(): void;
  /** What people call the client, as soon as it is known better. */
  noteClient(name: string): void;
  /** The channel counts as open until the returned handle is disposed. */
  noteChannel(channel: OpenChannel): Disposable;
  /** Calls `listener` with what its client is to be told, until the handle is disposed or the lease is released. */
  onNotice(listener: (notice: SessionNotice) => void): Disposable;
  /** When this session is ended if nothing changes, ms since the epoch; undefined: no limit. */
  readonly endsAt: number | undefined;
  /** The sessions of this workspace, this one among them. */
  readonly sessions: Iterable<OpenSession>;
  /** Of this user's sessions in this workspace together: the first end, and what all of them may be put off by; undefined: none. */
  readonly limit: SessionLimit | undefined;
  /**
   * Puts off the end that `max_session` sets by `ms`, for every session that this user has in this workspace. Returns the
   * first of the new ends, ms since the epoch. Throws `EXTENSION_REFUSED` with what the lab allows.
   */
  extend(ms: number): number;
  /** What `initialization` has to say to the student; empty: nothing, or somebody of this session was told. */
  takeMessage(): string;
  /** What the student is to know at the beginning; of a deletion only the first one to ask is told. */
  lifecycleNews(): LifecycleNews;
  /** Idempotent; the first reason counts. */
  release(reason?: SessionEnd): void;
}

/** What the gateway asks of the workspaces. */
export interface WorkspaceAccess {
  /** Never waits: the workspace begins to wake up as this returns. Throws `SHUTTING_DOWN`, `LAB_UNKNOWN`. */
  lease(key: WorkspaceKey, holder: LeaseHolder): Lease;
  /** What there is of a workspace now, for a list to choose from. */
  glance(key: WorkspaceKey): WorkspaceGlance;
}

/** `new`: nothing of it is there. `waking`: somebody came, and it is not of use yet. */
export type WorkspaceGlance = 'new' | 'running' | 'waking' | 'suspended' | 'stopped';
