import { AWAKENESS, nextTier } from '../status/next-tier.ts';
import { isoTime, type PartStatus, partStatus } from '../status/part-status.ts';
import { type Route, shownRoute } from '../workspaces/ports/routes.ts';
import type { WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';
import { sessionStatus } from './session-status.ts';
import type { WorkspaceStatus } from './status-schema.ts';

/** What is known of a workspace besides what its controller knows. */
export interface Surroundings {
  /** Bytes; undefined: Docker did not say. */
  readonly memory: number | undefined;
  readonly route: Route | undefined;
  readonly url: string;
}

/** A snapshot in the words of the status. `now`: ms since the epoch. */
export function workspaceStatus(
  snapshot: WorkspaceSnapshot,
  { memory, route, url }: Surroundings,
  now: number,
): WorkspaceStatus {
  const container = partStatus(snapshot.container, now);
  const cluster = snapshot.cluster === undefined ? null : partStatus(snapshot.cluster, now);
  const parts = cluster === null ? [container] : [container, cluster];
  return {
    user: snapshot.key.user,
    lab: snapshot.key.lab,
    lab_defined: snapshot.labDefined,
    ...overall(parts),
    next: nextTier(snapshot.desire, { container, cluster }),
    pin: snapshot.pin === undefined ? null : { until: isoTime(snapshot.pin.until), by: snapshot.pin.by },
    order: snapshot.order ?? null,
    cluster_order: snapshot.clusterOrder ?? null,
    delete_at: snapshot.deleteAt === undefined ? null : isoTime(snapshot.deleteAt),
    sessions: snapshot.leases.map((lease) => sessionStatus(lease, now)),
    container,
    cluster,
    memory_bytes: memory ?? null,
    route: route === undefined ? null : { state: shownRoute(route), url },
  };
}

function overall(parts: readonly PartStatus[]): Pick<WorkspaceStatus, 'state' | 'since' | 'longer'> {
  const failed = parts.find(({ error }) => error !== null);
  if (failed !== undefined) return { state: 'failed', since: failed.since, longer: false };
  // The cluster, which is last, takes longer and says more.
  const doing = parts.findLast((part) => part.doing !== null)?.doing;
  if (doing) return { state: doing.what, since: doing.since, longer: false };
  const [most] = parts.toSorted((a, b) => AWAKENESS.indexOf(a.state) - AWAKENESS.indexOf(b.state));
  if (most === undefined) throw new Error('a workspace has a container');
  return { state: most.state, since: most.since, longer: most.longer };
}
