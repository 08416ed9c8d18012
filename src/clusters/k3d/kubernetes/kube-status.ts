import { z } from 'zod';
import { parseJson } from '../../../json/parse-json.ts';

const condition = z.object({
  type: z.string(),
  status: z.string(),
  lastHeartbeatTime: z.coerce.date().nullish(),
});

const nodeListSchema = z.object({
  items: z.array(z.object({ status: z.object({ conditions: z.array(condition).nullish() }) })),
});

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

/** Kubernetes writes whole seconds, so a time in the second of `since` counts as later. */
function notBefore(time: Date | null | undefined, since: Date): boolean {
  return time !== null && time !== undefined && time.getTime() >= Math.floor(since.getTime() / 1000) * 1000;
}

/**
 * Whether that many nodes are Ready by a heartbeat since `since`: after a start the API shows the status of before the
 * stop until the kubelet speaks. `text`: a NodeList (kubernetes.io, core/v1) as JSON.
 */
export function nodesReady(text: string, count: number, since: Date): boolean {
  const list = nodeListSchema.catch({ items: [] }).parse(parseJson(text));
  const ready = list.items.filter(({ status }) =>
    status.conditions?.some(
      (one) => one.type === 'Ready' && one.status === 'True' && notBefore(one.lastHeartbeatTime, since),
    ),
  );
  return ready.length >= count;
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
