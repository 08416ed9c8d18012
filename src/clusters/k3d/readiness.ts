import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from '../../workspaces/ports/progress.ts';
import { ingressAt, type KubeApi } from './kube-api.ts';
import { anyPodReady, nodesReady } from './kube-status.ts';

/** A cluster whose nodes run and that is to become of use. */
export interface AwaitedCluster {
  readonly api: KubeApi;
  readonly ingress: string;
  readonly nodes: number;
  /** When the server's container was started. */
  readonly startedAt: Date;
  /** What the lab has switched off with k3s's `--disable`. */
  readonly disabled: ReadonlySet<string>;
}

const INTERVAL = 150;
const DNS_PODS = `/api/v1/namespaces/kube-system/pods?labelSelector=${encodeURIComponent('k8s-app=kube-dns')}`;

/** The API answers and every node is Ready. Rejects with the signal's reason: whoever calls sets the limit. */
export async function untilNodesReady(
  cluster: AwaitedCluster,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress('waiting for the Kubernetes API');
  await until(async () => (await cluster.api.get('/readyz', signal)) !== undefined, signal);
  progress('waiting for the node');
  await until(async () => {
    const nodes = await cluster.api.get('/api/v1/nodes', signal);
    return nodes !== undefined && nodesReady(nodes, cluster.nodes, cluster.startedAt);
  }, signal);
}

/** DNS runs and the ingress answers, where the lab has them. */
export async function untilServicesReady(
  cluster: AwaitedCluster,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  progress('waiting for DNS and ingress');
  const dns = async () => {
    const pods = await cluster.api.get(DNS_PODS, signal);
    return pods !== undefined && anyPodReady(pods, cluster.startedAt);
  };
  const ingress = async () => (await ingressAt(cluster.ingress, signal)) === 'answers';
  await Promise.all([
    cluster.disabled.has('coredns') || until(dns, signal),
    cluster.disabled.has('traefik') || until(ingress, signal),
  ]);
}

/** After a resume: everything was up before, so the API's answer and one of the ingress (or none listening) will do. */
export async function untilResumed(
  cluster: Pick<AwaitedCluster, 'api' | 'ingress'>,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([
    until(async () => (await cluster.api.get('/readyz', signal)) !== undefined, signal),
    until(async () => (await ingressAt(cluster.ingress, signal)) !== 'silent', signal),
  ]);
}

async function until(condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await condition()) return;
    await delay(INTERVAL, undefined, { signal }).catch(() => undefined);
  }
}
