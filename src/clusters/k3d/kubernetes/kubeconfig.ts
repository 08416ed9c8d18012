import { stringify } from 'yaml';
import type { AdminAccess } from './admin-access.ts';

export interface KubeconfigInput {
  readonly access: AdminAccess;
  /** Of the cluster, the user and the context. */
  readonly name: string;
  /** "https://10.209.1.3:6443" */
  readonly server: string;
  /** The name in the server's certificate, where it is not the one in `server`. */
  readonly tlsServerName?: string;
}

/** A kubeconfig (kubernetes.io, v1 Config) with one context, as YAML. */
export function kubeconfig({ access, name, server, tlsServerName }: KubeconfigInput): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      {
        name,
        cluster: {
          server,
          ...(tlsServerName !== undefined && { 'tls-server-name': tlsServerName }),
          'certificate-authority-data': access.ca,
        },
      },
    ],
    users: [{ name, user: { 'client-certificate-data': access.certificate, 'client-key-data': access.key } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    preferences: {},
  });
}
