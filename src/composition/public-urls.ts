import type { HostOf } from '../labs/host-of.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';

/** A workspace as its owner's browser reaches it. */
export interface PublicUrls {
  readonly host: string;
  /** Without a path; the port only where it is not the scheme's own. */
  readonly http: string;
  readonly https: string;
}

/** How the public URLs of workspaces are made, for the ports that the routes really have. */
export function publicUrls(
  hostOf: HostOf,
  ports: { readonly http: number; readonly https: number },
): (key: WorkspaceKey) => PublicUrls {
  return (key) => {
    const host = hostOf(key);
    return {
      host,
      http: httpUrl(host, ports.http),
      https: `https://${host}${ports.https === 443 ? '' : `:${ports.https}`}`,
    };
  };
}

/** Of a host of the routes, without a path. */
export function httpUrl(host: string, port: number): string {
  return `http://${host}${port === 80 ? '' : `:${port}`}`;
}
