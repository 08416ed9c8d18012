import type { ControlTarget } from '../control/control-target.ts';
import type { ConfigurationStatus, FactoryStatus, WorkspaceStatus } from '../control/status-schema.ts';
import { workspaceStatus } from '../control/workspace-status.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Admit } from '../groups/admission.ts';
import type { History } from '../history/history.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import type { WorkspacePorts } from '../workspaces/workspace-controller.ts';
import type { WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';
import type { Workspaces } from '../workspaces/workspaces.ts';

export interface ControlTargetOptions {
  readonly version: string;
  readonly instance: InstanceId;
  readonly webUrl: string;
  readonly urlOf: (key: WorkspaceKey) => string;
  readonly workspaces: Workspaces;
  readonly ports: WorkspacePorts;
  readonly gateway: Gateway;
  readonly history: History;
  readonly garbage: ControlTarget['garbage'];
  readonly tokens: ControlTarget['tokens'];
  readonly users: ControlTarget['users'];
  readonly who: ControlTarget['who'];
  readonly hooks: ControlTarget['hooks'];
  readonly admit: Admit;
  readonly configuration: () => ConfigurationStatus;
  readonly clock: Clock;
}

/** The running factory as its operator sees it. */
export function createControlTarget(options: ControlTargetOptions): ControlTarget {
  const { version, instance, webUrl, workspaces, gateway, history, clock } = options;
  const { host, port } = gateway.address;
  const isoTime = (ms: number) => new Date(ms).toISOString();
  const since = isoTime(clock.now());
  const drainStatus = (until: number) => ({ until: isoTime(until) });
  return {
    async status(signal) {
      const snapshots = workspaces.snapshots();
      const each = snapshots.map((snapshot) => look(snapshot, options, signal));
      const { request } = gateway.draining;
      return {
        version,
        instance,
        pid: process.pid,
        since,
        ssh: `${host}:${port}`,
        web: webUrl,
        configuration: options.configuration(),
        closed_out: gateway.closedOut().map(({ address, until }) => ({ address, until: isoTime(until) })),
        drain: request === undefined ? null : drainStatus(request.until),
        hooks: hookCounts(options.hooks),
        sessions: snapshots.reduce((sum, { leases }) => sum + leases.length, 0),
        workspaces: (await Promise.all(each)).filter(isThere).toSorted(byName),
      };
    },
    drain({ within, message }) {
      const until = clock.now() + within;
      gateway.draining.begin({ until, message });
      return drainStatus(until);
    },
    cancelDrain: () => gateway.draining.cancel(),
    events: (request, signal) => history.read(request, signal),
    garbage: options.garbage,
    tokens: options.tokens,
    users: options.users,
    who: options.who,
    hooks: options.hooks,
    async command(key, command, by, signal) {
      await options.admit(key, command, signal);
      await workspaces.command(key, command, by, signal);
    },
  };
}

/** Null: the file can not be read, which the log has. */
function hookCounts(hooks: ControlTarget['hooks']): FactoryStatus['hooks'] {
  try {
    const { waiting, given_up: givenUp } = hooks.list(0);
    return { waiting, given_up: givenUp };
  } catch {
    return null;
  }
}

async function look(
  snapshot: WorkspaceSnapshot,
  { ports, urlOf, clock }: ControlTargetOptions,
  signal: AbortSignal,
): Promise<WorkspaceStatus> {
  const { key } = snapshot;
  const memory = await memoryOf(key, ports, signal);
  return workspaceStatus(
    snapshot,
    { memory, route: ports.routes.current(key), url: urlOf(key) },
    clock.now(),
  );
}

/** The rest of the status is worth telling while Docker is silent; that it is stands in the errors of the parts. */
async function memoryOf(
  key: WorkspaceKey,
  { runtime, clusters }: WorkspacePorts,
  signal: AbortSignal,
): Promise<number | undefined> {
  const [container, nodes] = await Promise.all([
    runtime.memory(key, signal),
    clusters.memory(key, signal),
  ]).catch(() => [undefined, undefined]);
  return container === undefined || nodes === undefined ? undefined : container + nodes;
}

/** A controller outlives what it controls: of a workspace that was removed and that nobody wants there is nothing to tell. */
function isThere({ state, sessions }: WorkspaceStatus): boolean {
  return state !== 'absent' || sessions.length > 0;
}

function byName(one: WorkspaceStatus, other: WorkspaceStatus): number {
  return nameOf(one) < nameOf(other) ? -1 : 1;
}

function nameOf({ user, lab }: WorkspaceStatus): string {
  return `${user}/${lab}`;
}
