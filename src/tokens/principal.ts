import type { WorkspaceKey } from '../names/workspace-key.ts';

/** Who a token speaks for. What each may do is decided where it is used (src/api, src/cluster-service). */
export type Principal =
  /** The student of one workspace, from within it or through the gateway: their own cluster and nothing else. */
  | { readonly role: 'student'; readonly key: WorkspaceKey }
  /** Sees and helps the members of these groups of the configuration, in the labs of those groups. */
  | { readonly role: 'instructor'; readonly name: string; readonly groups: readonly string[] }
  /** Everything. */
  | { readonly role: 'admin'; readonly name: string }
  /** Another process of this factory, at the cluster service. */
  | { readonly role: 'gateway'; readonly name: string };

/**
 * `aud` (RFC 7519 §4.1.3), one for each service: `api` is the HTTP API for people and their clusters, `clusterService` what the
 * processes of one factory speak with each other. A token for one is refused by the other.
 */
export const AUDIENCE = {
  api: 'ssh-lab-factory/api',
  clusterService: 'ssh-lab-factory/cluster-service',
} as const;

export type Audience = (typeof AUDIENCE)[keyof typeof AUDIENCE];
