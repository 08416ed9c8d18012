import { z } from 'zod';
import { parseJson } from '../../../json/parse-json.ts';

const condition = z.object({
  type: z.string(),
  status: z.string(),
  lastHeartbeatTime: z.coerce.date().nullish(),
});

const nodeListSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }).nullish(),
      status: z.object({
        conditions: z.array(condition).nullish(),
        nodeInfo: z.object({ kubeletVersion: z.unknown() }).nullish(),
      }),
    }),
  ),
});

/** What kubelets say of themselves; it is shown at terminals, and the owner of the cluster can write anything there. */
const versionSchema = z.string().regex(/^v[\w.+-]{1,63}$/);

const podListSchema = z.object({
  items: z.array(
    z.object({
      status: z.object({
        conditions: z.array(condition).nullish(),
        containerStatuses: z
          .array(
            z.object({ state: z.object({ running: z.object({ startedAt: z.coerce.date() }).optional() }) }),
          )
          .nullish(),
      }),
    }),
  ),
});

/** A node as Kubernetes lists it. */
export interface KubeNode {
  readonly name: string | undefined;
  readonly ready: boolean;
  /** When its kubelet last spoke. */
  readonly heartbeat: Date | undefined;
  /** Of its kubelet, "v1.35.0+k3s1". */
  readonly version: string | undefined;
}

/** Kubernetes writes whole seconds, so a time in the second of `since` counts as later. */
function notBefore(time: Date | undefined, since: Date): boolean {
  return time !== undefined && time.getTime() >= Math.floor(since.getTime() / 1000) * 1000;
}

/**
 * Whether that many nodes are Ready by a heartbeat since `since`: after a start the API shows the status of before the
 * stop until the kubelet speaks. `text`: a NodeList (kubernetes.io, core/v1) as JSON.
 */
export function nodesReady(text: string, count: number, since: Date): boolean {
  return kubeNodes(text).filter((node) => isReadySince(node, since)).length >= count;
}

export function isReadySince({ ready, heartbeat }: KubeNode, since: Date): boolean {
  return ready && notBefore(heartbeat, since);
}

/** The nodes of a NodeList (core/v1) as JSON; none where `text` is no such thing. */
export function kubeNodes(text: string): readonly KubeNode[] {
  const list = nodeListSchema.catch({ items: [] }).parse(parseJson(text));
  return list.items.map(({ metadata, status }) => {
    const condition = status.conditions?.find(({ type }) => type === 'Ready');
    return {
      name: metadata?.name,
      ready: condition?.status === 'True',
      heartbeat: condition?.lastHeartbeatTime ?? undefined,
      version: versionSchema.safeParse(status.nodeInfo?.kubeletVersion).data,
    };
  });
}

/** `text`: a PodList (core/v1) as JSON; of anything else 0. */
export function podCount(text: string): number {
  return podListSchema.catch({ items: [] }).parse(parseJson(text)).items.length;
}

/** Whether one of the pods is Ready with containers that run since `since`. `text`: a PodList (core/v1) as JSON. */
export function anyPodReady(text: string, since: Date): boolean {
  const list = podListSchema.catch({ items: [] }).parse(parseJson(text));
  return list.items.some(({ status }) => {
    const isReady = status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
    return (
      isReady &&
      (status.containerStatuses ?? []).every(({ state }) => notBefore(state.running?.startedAt, since))
    );
  });
}
