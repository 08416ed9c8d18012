import type { Route } from '../workspaces/ports/routes.ts';
import type { WorkspaceAction } from '../workspaces/workspace-access.ts';
import type { PartSnapshot, WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';
import { sessionStatus } from './session-status.ts';
import type { PartStatus, WorkspaceStatus } from './status-schema.ts';

/** What is known of a workspace besides what its controller knows. */
export interface Surroundings {
  /** Bytes; undefined: Docker did not say. */
  readonly memory: number | undefined;
  readonly route: Route | undefined;
  readonly url: string;
}

const DOING = {
  create: 'creating',
  start: 'starting',
  resume: 'resuming',
  connect: 'connecting',
  suspend: 'suspending',
  stop: 'stopping',
  remove: 'removing',
  reset: 'resetting',
} as const satisfies Record<WorkspaceAction, string>;

/** From most to least awake. */
const AWAKENESS: readonly PartStatus['state'][] = [
  'running',
  'suspended',
  'stopped',
  'incomplete',
  'unknown',
  'absent',
];

/** What a part is in a tier, at most. */
const TIER = { suspended: 'suspended', stopped: 'stopped', deleted: 'absent' } as const;

/** A snapshot in the words of the status. `now`: ms since the epoch. */
export function workspaceStatus(
  snapshot: WorkspaceSnapshot,
  { memory, route, url }: Surroundings,
  now: number,
): WorkspaceStatus {
  const container = partStatus(snapshot.container, now);
  const cluster = snapshot.cluster === undefined ? null : partStatus(snapshot.cluster, now);
  const parts = cluster === null ? [container] : [container, cluster];
  const next = nextTier(snapshot.desire);
  return {
    user: snapshot.key.user,
    lab: snapshot.key.lab,
    lab_defined: snapshot.labDefined,
    ...overall(parts),
    next: next !== null && tells(next, container, cluster) ? next : null,
    pin: snapshot.pin === undefined ? null : { until: time(snapshot.pin.until), by: snapshot.pin.by },
    order: snapshot.order ?? null,
    cluster_order: snapshot.clusterOrder ?? null,
    delete_at: snapshot.deleteAt === undefined ? null : time(snapshot.deleteAt),
    sessions: snapshot.leases.map((lease) => sessionStatus(lease, now)),
    container,
    cluster,
    memory_bytes: memory ?? null,
    route: route === undefined ? null : { state: route.kind, url },
  };
}

function partStatus({ observed, phase }: PartSnapshot, now: number): PartStatus {
  return {
    state: observed?.state ?? 'unknown',
    since: time(observed?.since ?? now),
    longer: observed?.longer ?? true,
    doing:
      phase.kind === 'working'
        ? {
            what: DOING[phase.action],
            step: phase.step,
            since: time(phase.since),
            overdue_at: Number.isFinite(phase.overdueAt) ? time(phase.overdueAt) : null,
            pace: paceOf(phase, now),
          }
        : null,
    error:
      phase.kind === 'failed'
        ? {
            id: phase.error.id,
            code: phase.error.code,
            message: phase.error.message,
            retry_at: time(phase.retryAt),
          }
        : null,
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

function isMoreAwake(state: PartStatus['state'], than: PartStatus['state']): boolean {
  return AWAKENESS.indexOf(state) < AWAKENESS.indexOf(than);
}

/** Whether it would change anything: only the cluster is deleted. */
function tells(
  { state }: NonNullable<WorkspaceStatus['next']>,
  container: PartStatus,
  cluster: PartStatus | null,
): boolean {
  const parts = state === 'deleted' ? [cluster] : [container, cluster];
  return parts.some((part) => part !== null && isMoreAwake(part.state, TIER[state]));
}

function paceOf({ since, overdueAt }: { since: number; overdueAt: number }, now: number) {
  if (now >= overdueAt) return 'overdue';
  return now - since > (overdueAt - since) / 2 ? 'slow' : 'usual';
}

function nextTier({ next }: WorkspaceSnapshot['desire']): WorkspaceStatus['next'] {
  if (next === undefined || next.state === 'as-is' || next.state === 'awake' || next.state === 'gone')
    return null;
  return { state: next.state, at: time(next.at) };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
