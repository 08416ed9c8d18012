import type { Duplex, Readable } from 'node:stream';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { GivenFile } from './hooks.ts';
import type { Progress } from './progress.ts';

/** What is there of a workspace's container now. */
export type ContainerState = 'absent' | 'stopped' | 'running' | 'suspended';

/** How the container reaches its cluster once it has joined the cluster's network. */
export interface ClusterAttachment {
  /** The Docker network of the cluster. */
  readonly network: string;
  /** The fixed IPv4 address the container takes in that network. */
  readonly address: string;
  /** A kubeconfig (YAML) whose server address is one of that network. */
  readonly kubeconfig: string;
}

/**
 * `sshd -i` in the container, as the byte stream that an SSH client can speak over. Destroying `stream` ends it.
 * `diagnostics` is what sshd said on its standard error so far (at most 4 KiB), for the log.
 */
export interface SshdTransport {
  readonly stream: Duplex;
  diagnostics(): string;
}

/** A command run by `docker exec` without the inner sshd: the way in when that is broken. */
export interface ExecStream {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: Readable;
  /** Ends at once where there is a pty: a pty has one output. */
  readonly stderr: Readable;
  resize(columns: number, rows: number): Promise<void>;
  /** The exit status, once both outputs have ended. */
  exit(): Promise<number>;
  /** Ends the command's standard streams; safe to call twice. */
  close(): void;
}

/**
 * Runs the lab containers. Every method rejects with a `FactoryError` (`DOCKER_UNAVAILABLE`, `DOCKER_FAILED`,
 * `LAB_IMAGE_MISSING`, `LAB_IMAGE_WITHOUT_SSHD`, `CONTAINER_FAILED`, `INNER_SSHD_FAILED`, `SUBNETS_EXHAUSTED`,
 * `TIMED_OUT`), and rejects when `signal` aborts. Each is idempotent: asked for what is so already, it does nothing.
 */
export interface Runtime {
  observe(key: WorkspaceKey, signal: AbortSignal): Promise<ContainerState>;
  /** Every workspace of this factory that has a container, whatever its state. */
  list(signal: AbortSignal): Promise<readonly WorkspaceKey[]>;
  /** Makes network, home volume and container where they are missing, and starts the container. */
  create(key: WorkspaceKey, lab: LabDefinition, progress: Progress, signal: AbortSignal): Promise<void>;
  start(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  resume(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  suspend(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  stop(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  /** Removes the container; its home volume and network stay. */
  remove(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  /** Removes the network, and with `home` the home volume, of a workspace that has no container. */
  erase(key: WorkspaceKey, options: { readonly home: boolean }, signal: AbortSignal): Promise<void>;
  /** Joins the (running) container to its cluster's network and puts the kubeconfig where kubectl finds it. */
  attach(key: WorkspaceKey, attachment: ClusterAttachment, signal: AbortSignal): Promise<void>;
  /** What the container takes of the host's memory now, bytes; 0 while it has no processes, undefined where nobody can tell. */
  memory(key: WorkspaceKey, signal: AbortSignal): Promise<number | undefined>;
  /** `env`: for this session, over what the container has. */
  openSshd(
    key: WorkspaceKey,
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<SshdTransport>;
  /** Puts files into the (running) container. Under one `id` it does so once in the life of a container. */
  putFiles(key: WorkspaceKey, id: string, files: readonly GivenFile[], signal: AbortSignal): Promise<void>;
  exec(
    key: WorkspaceKey,
    command: readonly string[],
    pty: { columns: number; rows: number; term: string } | undefined,
    signal: AbortSignal,
  ): Promise<ExecStream>;
}
