import type { RecordedEvent } from '../history/event-schema.ts';
import type { HookOffice } from '../hooks/office/hook-office.ts';
import type { UserAccounts } from '../identity/describe-user.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { WhoIs } from '../who/who-is.ts';
import type { WorkspaceCommand } from '../workspaces/workspace-command.ts';
import type { EventsRequest } from './events-request.ts';
import type { GarbageCollector } from './garbage-schema.ts';
import type { DrainStatus, FactoryStatus } from './status-schema.ts';
import type { TokenOffice } from './tokens-route.ts';

/** What the operator of this machine may ask of a running factory. */
export interface ControlTarget {
  status(signal: AbortSignal): Promise<FactoryStatus>;
  /** New sessions are refused from now on; those that are there are told, and ended after `within` ms. */
  drain(request: { readonly within: number; readonly message: string | undefined }): DrainStatus;
  /** New sessions are taken again. Nothing happens where no drain is under way. */
  cancelDrain(): void;
  /** What happened to workspaces, oldest first; with `follow` all that comes as well, until `signal` aborts. */
  events(request: EventsRequest, signal: AbortSignal): AsyncIterable<RecordedEvent>;
  readonly garbage: GarbageCollector;
  readonly tokens: TokenOffice;
  readonly users: UserAccounts;
  readonly who: WhoIs;
  /** What labs ask to be called for. */
  readonly hooks: HookOffice;
  /** Resolves when what the command asks for is so; rejects as `Workspaces.command` does. `by`: who gave it. */
  command(key: WorkspaceKey, command: WorkspaceCommand, by: string, signal: AbortSignal): Promise<void>;
}
