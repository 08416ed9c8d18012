import { z } from 'zod';
import { parseJson } from '../../../json/parse-json.ts';
import type { KubeApi } from './kube-api.ts';

const POD = '/api/v1/namespaces/kube-system/pods';
const DNS_PODS = `${POD}?labelSelector=${encodeURIComponent('k8s-app=kube-dns')}`;

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string().regex(/^[a-z0-9.-]+$/) }),
      spec: z.object({
        containers: z.array(
          z.object({
            readinessProbe: z
              .object({
                httpGet: z
                  .object({ path: z.string().regex(/^\/(?!.*\.\.)[\w./-]*$/), port: z.int() })
                  .optional(),
              })
              .optional(),
          }),
        ),
      }),
    }),
  ),
});

/** The DNS of a cluster as the API shows it: a PodList (core/v1) as JSON, and what its pods say themselves. */
export interface DnsSight {
  readonly pods: string;
  /** How many there are. */
  readonly count: number;
  /** One of them says that it serves. */
  readonly answers: boolean;
}

/**
 * Looks for the cluster's DNS and asks each of its pods, through the API, at the address of its own readiness probe: CoreDNS
 * says yes there when it has read the cluster's Services and can answer for them. What the API says of a pod may date from before
 * a pause or a stop; this answer cannot. Undefined where the API does not answer.
 */
export async function seeDns(api: KubeApi, signal: AbortSignal): Promise<DnsSight | undefined> {
  const pods = await api.get(DNS_PODS, signal);
  if (pods === undefined) return undefined;
  const { items } = podsSchema.catch({ items: [] }).parse(parseJson(pods));
  const probes = items.flatMap(({ metadata, spec }) =>
    spec.containers.flatMap(({ readinessProbe }) => {
      const get = readinessProbe?.httpGet;
      return get === undefined ? [] : [`${POD}/${metadata.name}:${get.port}/proxy${get.path}`];
    }),
  );
  const answers = await Promise.all(probes.map((path) => api.get(path, signal)));
  return { pods, count: items.length, answers: answers.some((answer) => answer !== undefined) };
}
