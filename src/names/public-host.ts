import type { WorkspaceKey } from './workspace-key.ts';

/** The host under which a workspace's Ingresses answer; its subdomains belong to it as well. */
export function publicHost(domain: string, key: WorkspaceKey): string {
  return `${key.user}.${domain}`;
}
