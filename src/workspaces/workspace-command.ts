import type { NodeName } from '../names/node-name.ts';

/** What the operator (or, of some, the student) may ask of a workspace. */
export type WorkspaceCommand =
  /** Pause it now, without waiting for the grace time, until somebody comes. `endSessions`: else it is refused while somebody is there. */
  | { readonly kind: 'suspend'; readonly endSessions: boolean }
  /** Stop it now, until somebody comes. */
  | { readonly kind: 'stop'; readonly endSessions: boolean }
  /** Wake it; the grace time begins when it is awake. */
  | { readonly kind: 'start' }
  /** Make the container or the cluster anew. The home stays; the state of the old cluster is kept aside. */
  | { readonly kind: 'reset'; readonly part: 'container' | 'cluster' }
  /** Remove the container and the cluster, and with `home` the home as well. */
  | { readonly kind: 'delete'; readonly home: boolean; readonly endSessions: boolean }
  /** Keep it awake until then, ms since the epoch. */
  | { readonly kind: 'pin'; readonly until: number }
  | { readonly kind: 'unpin' }
  | ClusterCommand;

/** What can be asked of a workspace that is not there yet, and makes it. */
export const MAKING: ReadonlySet<WorkspaceCommand['kind']> = new Set(['start', 'pin', 'cluster_start']);

/**
 * What may be asked of a workspace's cluster alone, whoever is in the workspace. One that takes the cluster down holds until
 * somebody asks for it, or comes to work in it: who opens a shell wants it awake, who types `@cluster status` does not.
 */
export type ClusterCommand =
  /** Have it of use. Of a workspace in which nobody is all is woken, and the grace time begins then. */
  | { readonly kind: 'cluster_start' }
  | { readonly kind: 'cluster_suspend' | 'cluster_stop' | 'cluster_delete' }
  /** A new one; the state of the old one is kept aside. */
  | { readonly kind: 'reset'; readonly part: 'cluster' }
  | NodeCommand;

/** Lose an agent, and have it back: an exercise. */
export interface NodeCommand {
  readonly kind: 'node_stop' | 'node_start';
  readonly node: NodeName;
}
