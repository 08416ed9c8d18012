import { setTimeout as delay } from 'node:timers/promises';
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
/** k3s empties it and then writes it, at each start (seen: 0.4 to 1.5 ms), so what is half there is read again, so often. */
const READS = 20;
/** ms */
const BETWEEN_READS = 250;

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
 * `CLUSTER_FAILED` where there is none, which takes 5 s to be sure of.
 */
export async function readAdminAccess(
  engine: DockerEngine,
  server: ClusterNode,
  signal: AbortSignal,
): Promise<AdminAccess> {
  let unreadable: z.ZodError | undefined;
  for (let reads = 0; reads < READS; reads += 1) {
    if (reads > 0) await delay(BETWEEN_READS, undefined, { signal });
    const parsed = kubeconfigSchema.safeParse(parseYaml(await readOnce(engine, server, signal)));
    if (parsed.success) return accessIn(parsed.data);
    unreadable = parsed.error;
  }
  throw new FactoryError(
    'CLUSTER_FAILED',
    'The cluster has no kubeconfig that can be read; reset the cluster.',
    { cause: unreadable },
  );
}

/** Empty where there is none, and where it was written meanwhile: Docker's archive of it ends early then. */
async function readOnce(engine: DockerEngine, server: ClusterNode, signal: AbortSignal): Promise<string> {
  try {
    const wanted = { container: server.id, path: KUBECONFIG, longest: LONGEST };
    return (await readContainerFile(engine, wanted, signal))?.toString('utf8') ?? '';
  } catch (error) {
    if (error instanceof FactoryError) throw error;
    signal.throwIfAborted();
    return '';
  }
}

function accessIn({ clusters, users }: z.infer<typeof kubeconfigSchema>): AdminAccess {
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
