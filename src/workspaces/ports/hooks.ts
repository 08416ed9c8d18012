import type { Given, LabDefinition } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { SessionEnd } from '../workspace-access.ts';
import type { Cause } from './events.ts';

/** A session, as hooks are told of it. */
export interface HookSession {
  readonly id: string;
  /** "192.0.2.7:50122" */
  readonly clientAddress: string;
  readonly clientProgram: string;
  /** ms since the epoch. */
  readonly since: number;
}

/** A file that an answer to `initialization` brought. */
export interface GivenFile {
  /** Absolute, without `..`. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Permission bits, at most 0o7777. */
  readonly mode: number;
  /** Unix user; undefined: the user of the sessions in their home, else root. */
  readonly owner: string | undefined;
}

/** A workspace that was initialized and not yet cleaned up. */
export interface Configuration extends Given {
  /** Of this initialization, as `cleanup` will name it. */
  readonly id: string;
  /** For every session. */
  readonly env: Readonly<Record<string, string>>;
  /** For the container, once. */
  readonly files: readonly GivenFile[];
  /** For the student; empty: none. */
  readonly message: string;
}

/**
 * The outgoing calls that labs ask for. All but `configure` return at once, never throw, and what they were told is on the disk when
 * they return: it is delivered at least once, in order per workspace, whatever happens to the factory. Of a hook that the lab does
 * not ask for nothing is done.
 */
export interface Hooks {
  /**
   * Once, when the sessions that outlived the factory before have begun again: those that did not get their end, and what waited is
   * delivered from now on.
   */
  recover(): void;
  /** The configuration that is open and was answered; undefined: none is. */
  configured(key: WorkspaceKey): Configuration | undefined;
  /** Every workspace that has an open configuration, answered or not: when the factory starts, somebody must see to its end. */
  openConfigurations(): readonly WorkspaceKey[];
  /**
   * Has `initialization` answered where no configuration is open, and resolves with what it gave; at once where one is, or where the
   * lab has none. Rejects with `HOOK_FAILED` where it is required and fails, and when `signal` aborts: the delivery goes on then, for
   * whoever asks next.
   */
  configure(
    key: WorkspaceKey,
    lab: LabDefinition,
    session: HookSession,
    signal: AbortSignal,
  ): Promise<Configuration>;
  /** `first`: nobody was there. */
  sessionBegan(key: WorkspaceKey, lab: LabDefinition, session: HookSession, first: boolean): void;
  /** `last`: nobody is left. */
  sessionEnded(
    key: WorkspaceKey,
    lab: LabDefinition | undefined,
    session: HookSession,
    reason: SessionEnd,
    last: boolean,
  ): void;
  /** The grace time has passed, or somebody ended it: the open configuration gets its `cleanup` and is open no longer. Again, it does nothing. */
  graceOver(key: WorkspaceKey, lab: LabDefinition | undefined, cause: Cause): void;
  /** The workspace was deleted; an open configuration gets its `cleanup` first. */
  deleted(key: WorkspaceKey, lab: LabDefinition | undefined): void;
}
