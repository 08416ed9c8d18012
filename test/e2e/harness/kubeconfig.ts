import { parse, stringify } from 'yaml';
import { z } from 'zod';

const kubeconfigSchema = z.looseObject({
  clusters: z.tuple([z.looseObject({ name: z.string(), cluster: z.looseObject({ server: z.string() }) })]),
  users: z.tuple([z.looseObject({ name: z.string(), user: z.looseObject({}) })]),
});

export interface KubeconfigParts {
  /** Whose API. */
  readonly cluster: string;
  /** Whose credentials. */
  readonly user: string;
}

/**
 * A kubeconfig with the cluster of one and the credentials of another. The server's name is looked up nowhere: it goes to
 * `at`, with the name only in TLS.
 */
export function joinKubeconfigs(parts: KubeconfigParts, at: { host: string; port: number }): string {
  const { cluster } = kubeconfigSchema.parse(parse(parts.cluster)).clusters[0];
  const { user } = kubeconfigSchema.parse(parse(parts.user)).users[0];
  const name = cluster['tls-server-name'] ?? new URL(cluster.server).hostname;
  const server = `https://${at.host}:${at.port}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { ...cluster, server, 'tls-server-name': name } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}
