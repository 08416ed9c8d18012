import type { MountDefinition } from '../labs/lab-definition.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';

/** Of what a client says of itself, which ends up in an operator's terminal; characters. */
export const LONGEST_SAID = 255;

/** A connection to a ContainerSSH in front, as its webhooks tell of it. */
export interface FrontConnection {
  /** 32 hex digits; ContainerSSH's `connectionId`. */
  readonly id: string;
  readonly key: WorkspaceKey;
  /** "192.0.2.7:50122" */
  readonly clientAddress: string;
  /** The client's SSH identification string. */
  readonly clientProgram: string;
}

/** What ContainerSSH's Docker backend is to run for one connection; in Docker's own words. */
export interface FrontLaunch {
  readonly image: string;
  /** As Docker's `User`: the Unix user of the sessions. */
  readonly user: string;
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** As Docker's `HostConfig.Binds`. */
  readonly binds: readonly string[];
  /**
   * As Docker's `HostConfig.Mounts` of the type `bind`, propagation `rprivate`; a read-only one with `BindOptions.NonRecursive`, else
   * engines before Docker 25 leave writable what the host has mounted below it.
   */
  readonly mounts: readonly MountDefinition[];
  readonly networkMode: string;
  /** As Docker's `HostConfig.SecurityOpt`. */
  readonly securityOpt: readonly string[];
  /** Bytes, cores, processes; as the lab limits its own container. */
  readonly limits: { readonly memory: number; readonly cpus: number; readonly pids: number };
}

/** The sessions of a ContainerSSH in front. Each holds a lease on its workspace from the first call of `open` on. */
export interface FrontSessions {
  /**
   * Resolves when the workspace is of use. Called again for one connection it joins what is under way, also when `signal` ended the
   * wait of an earlier call. Rejects as `Lease.containerReady` does, and with the signal's reason.
   */
  open(connection: FrontConnection, signal: AbortSignal): Promise<FrontLaunch>;
  /** The connection is over, as its front says. Unknown ones are ignored. */
  close(connectionId: string): void;
}
