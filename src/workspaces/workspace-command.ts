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
  | { readonly kind: 'unpin' };
