import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { ClusterAddresses } from './clusters.ts';

/** Where requests for a workspace's hosts go. */
export type Route =
  | { readonly kind: 'awake'; readonly addresses: ClusterAddresses }
  /**
   * As asleep, but an authority that tries the host for a certificate (ACME) gets there already: what is to be renewed, the
   * cluster's Traefik orders the moment it is up, and then not for a day.
   */
  | { readonly kind: 'starting'; readonly addresses: ClusterAddresses }
  /** HTTP gets the "asleep" page; TLS is refused cleanly. A request to a paused node would hang. */
  | { readonly kind: 'asleep' };

/** What visitors of its hosts find. */
export function shownRoute({ kind }: Route): 'awake' | 'asleep' {
  return kind === 'awake' ? 'awake' : 'asleep';
}

/** The public routes of all workspaces. Rejects with `FactoryError` (`TRAEFIK_FAILED`, `TIMED_OUT`). */
export interface Routes {
  /** Resolves when the route is what requests get: written, and taken over by the proxy. */
  set(key: WorkspaceKey, route: Route, signal: AbortSignal): Promise<void>;
  /** The one that was set last; undefined where there is none. */
  current(key: WorkspaceKey): Route | undefined;
  remove(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
}
