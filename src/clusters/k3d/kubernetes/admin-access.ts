import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { parse } from 'yaml';
import { z } from 'zod';
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
/** Bytes of the archive with it; who is root in the node may put anything there. */
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
  const archive = await engine.callUnless([404], {
    what: 'read the kubeconfig of the cluster',
    signal,
    request: async (docker, abortSignal) => {
      const stream = await docker.getContainer(server.id).getArchive({ path: KUBECONFIG, abortSignal });
      return bounded(stream);
    },
  });
  const parsed = kubeconfigSchema.safeParse(parseYaml(await onlyFile(archive)));
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

async function bounded(stream: AsyncIterable<string | Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    // Leaving the loop ends the stream. What is cut off is no kubeconfig.
    if (size > LONGEST) return Buffer.alloc(0);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

async function onlyFile(archive: Buffer | undefined): Promise<string> {
  if (archive === undefined || archive.length === 0) return '';
  const files = Readable.from([archive]).pipe(extract());
  for await (const entry of files) return (await buffer(entry)).toString('utf8');
  return '';
}
