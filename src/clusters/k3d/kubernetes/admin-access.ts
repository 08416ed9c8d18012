import { parse } from 'yaml';
import { z } from 'zod';
import { readContainerFile } from '../../../docker-engine/container-file.ts';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import type { ClusterNode } from '../nodes/cluster-nodes.ts';

/** What lets its holder do everything in a cluster; PEM in base64, as a kubeconfig has it. */
export interface AdminAccess {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Where k3d has k3s write its kubeconfig (K3S_KUBECONFIG_OUTPUT). */
const KUBECONFIG = '/output/kubeconfig.yaml';
/** Bytes; who is root in the node may put anything there. */
const LONGEST = 2 ** 20;

const kubeconfigSchema = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ 'certificate-authority-data': z.base64().min(1) }) })]),
  users: z.tuple([
    z.object({
      user: z.object({ 'client-certificate-data': z.base64().min(1), 'client-key-data': z.base64().min(1) }),
    }),
  ]),
});

/**
 * Reads the admin's access from the server node. k3s renews it at a start, so it is to be read again after one. Rejects with
 * `CLUSTER_FAILED` where there is none.
 */
export async function readAdminAccess(
  engine: DockerEngine,
  server: ClusterNode,
  signal: AbortSignal,
): Promise<AdminAccess> {
  const wanted = { container: server.id, path: KUBECONFIG, longest: LONGEST };
  const file = await readContainerFile(engine, wanted, signal);
  const parsed = kubeconfigSchema.safeParse(parseYaml(file?.toString('utf8') ?? ''));
  if (!parsed.success) {
    throw new FactoryError(
      'CLUSTER_FAILED',
      'The cluster has no kubeconfig that can be read; reset the cluster.',
      {
        cause: parsed.error,
      },
    );
  }
  const { clusters, users } = parsed.data;
  return {
    ca: clusters[0].cluster['certificate-authority-data'],
    certificate: users[0].user['client-certificate-data'],
    key: users[0].user['client-key-data'],
  };
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
