import { formatListen, fromThisHost } from '../config/listen-address.ts';
import type { HostOf } from '../labs/host-of.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Endpoint } from './running-factory.ts';

/** Where a workspace's Kubernetes API is for its owner's own machine. */
export interface PublicApi {
  readonly server: string;
  /** The name in the certificate, where it is not the one in `server`. */
  readonly tlsServerName?: string;
}

/**
 * Names below `localhost` are known to browsers and to nobody else (RFC 6761 §6.3 leaves it to resolvers), so there the
 * kubeconfig names the address and gives the name for TLS apart.
 */
export function publicApi(domain: string, hostOf: HostOf, kube: Endpoint): (key: WorkspaceKey) => PublicApi {
  const isLocal = domain === 'localhost' || domain.endsWith('.localhost');
  return (key) => {
    const host = hostOf(key);
    return isLocal
      ? { server: `https://${formatListen(fromThisHost(kube))}`, tlsServerName: host }
      : { server: `https://${host}:${kube.port}` };
  };
}
