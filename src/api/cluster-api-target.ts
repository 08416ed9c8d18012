import type { Admit } from '../groups/admission.ts';
import type { EventQuery } from '../history/event-query.ts';
import type { RecordedEvent } from '../history/event-schema.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { ClusterLogs, ClusterNodeStatus } from '../workspaces/ports/clusters.ts';
import type { Route } from '../workspaces/ports/routes.ts';
import type { ClusterCommand } from '../workspaces/workspace-command.ts';
import type { WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';

/** From where a kubeconfig is used: within the lab's container, or on the student's own machine through the public entry point. */
export type KubeconfigFor = 'container' | 'outside';

/** What the HTTP API needs of the factory. */
export interface ClusterApiTarget {
  /** Every workspace that is known. */
  snapshots(): readonly WorkspaceSnapshot[];
  /** Undefined: nobody has heard of it yet. */
  snapshot(key: WorkspaceKey): WorkspaceSnapshot | undefined;
  /** Calls `listener` after each change of a phase, until the handle is disposed; also of a workspace that becomes known only later. */
  onChange(key: WorkspaceKey, listener: () => void): Disposable;
  /** To be asked before a command. Rejects with `USER_UNKNOWN` where it would make a workspace for somebody who may not have it. */
  readonly admit: Admit;
  /** Through the workspace's controller. Resolves when what the command asks for is so; rejects as `Workspaces.command` does. */
  command(key: WorkspaceKey, command: ClusterCommand, by: string, signal: AbortSignal): Promise<void>;
  /** Puts off the end of the sessions in it; returns the first of the new ends, ms since the epoch. Throws `EXTENSION_REFUSED`. */
  extend(key: WorkspaceKey, ms: number): number;
  /** Of a cluster that is not there: none. */
  nodes(key: WorkspaceKey, signal: AbortSignal): Promise<readonly ClusterNodeStatus[]>;
  logs(key: WorkspaceKey, options: { readonly lines: number }, signal: AbortSignal): Promise<ClusterLogs>;
  /** Rejects with `CLUSTER_NOT_READY` where none is of use now. */
  kubeconfig(key: WorkspaceKey, from: KubeconfigFor, signal: AbortSignal): Promise<string>;
  events(query: EventQuery & { readonly follow: boolean }, signal: AbortSignal): AsyncIterable<RecordedEvent>;
  route(key: WorkspaceKey): Route | undefined;
  urls(key: WorkspaceKey): { readonly http: string; readonly https: string };
}
