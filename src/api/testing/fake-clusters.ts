import { FactoryError } from '../../errors/factory-error.ts';
import type { RecordedEvent } from '../../history/event-schema.ts';
import { parseNodeName } from '../../names/node-name.ts';
import { formatWorkspaceKey, parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { HeldLease } from '../../workspaces/sessions/held-lease.ts';
import type { Phase } from '../../workspaces/workspace-access.ts';
import { type ClusterCommand, MAKING } from '../../workspaces/workspace-command.ts';
import type { Observation, WorkspaceSnapshot } from '../../workspaces/workspace-snapshot.ts';
import type { ClusterApiTarget } from '../cluster-api-target.ts';

/** A workspace of the made-up factory. */
interface FakeWorkspace {
  readonly key: WorkspaceKey;
  sessions: number;
  state: Observation['state'];
  phase: Phase;
}

/** A command as the factory was given it. */
export interface GivenCommand {
  readonly workspace: string;
  readonly command: ClusterCommand;
  readonly by: string;
}

const SINCE = Date.parse('2026-11-28T10:00:00Z');
const LEASE: HeldLease = {
  holder: { session: 's1', clientAddress: '192.0.2.7:50122', clientProgram: 'SSH-2.0-OpenSSH_9.9' },
  client: 'OpenSSH',
  since: SINCE,
  lastInput: SINCE,
  channels: new Set(),
  endsAt: undefined,
  ownLimit: undefined,
  putOff: () => {},
  extend: () => 0,
  notify: () => {},
};
const READY: Phase = { kind: 'ready' };
const ASLEEP: Phase = { kind: 'asleep' };

/** What a command leads to, at once, where nobody holds it up. */
const AFTER = {
  cluster_start: 'running',
  cluster_suspend: 'suspended',
  cluster_stop: 'stopped',
  cluster_delete: 'absent',
  reset: 'running',
  node_stop: 'running',
  node_start: 'running',
} as const satisfies Record<ClusterCommand['kind'], Observation['state']>;

/** A factory of clusters in memory: it obeys at once, unless a test has it wait. */
export class FakeClusters implements ClusterApiTarget {
  readonly given: GivenCommand[] = [];
  /** What is awaited before a command is carried out. Tests replace it. */
  before: (command: ClusterCommand, signal: AbortSignal) => Promise<void> = async () => {};
  /** Tests replace it. */
  admit: ClusterApiTarget['admit'] = async () => {};
  /** What is told of events. Tests replace it. */
  tell: ClusterApiTarget['events'] = async function* () {};
  readonly #workspaces = new Map<string, FakeWorkspace>();
  readonly #listeners = new Set<{ readonly workspace: string; readonly listener: () => void }>();

  add(key: WorkspaceKey, { sessions = 0, state = 'running' as Observation['state'] } = {}): void {
    const phase = state === 'running' ? READY : ASLEEP;
    this.#workspaces.set(formatWorkspaceKey(key), { key, sessions, state, phase });
  }

  setSessions(key: WorkspaceKey, sessions: number): void {
    this.#find(key).sessions = sessions;
  }

  setPhase(key: WorkspaceKey, phase: Phase): void {
    this.#find(key).phase = phase;
    for (const { workspace, listener } of this.#listeners) {
      if (workspace === formatWorkspaceKey(key)) listener();
    }
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  snapshots(): readonly WorkspaceSnapshot[] {
    return [...this.#workspaces.values()].map(snapshotOf);
  }

  snapshot(key: WorkspaceKey): WorkspaceSnapshot | undefined {
    const known = this.#workspaces.get(formatWorkspaceKey(key));
    return known && snapshotOf(known);
  }

  onChange(key: WorkspaceKey, listener: () => void): Disposable {
    const listening = { workspace: formatWorkspaceKey(key), listener };
    this.#listeners.add(listening);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listening) };
  }

  async command(key: WorkspaceKey, command: ClusterCommand, by: string, signal: AbortSignal): Promise<void> {
    // What wakes a workspace makes it.
    if (this.snapshot(key) === undefined && MAKING.has(command.kind)) this.add(key, { state: 'absent' });
    const workspace = this.#find(key);
    this.given.push({ workspace: formatWorkspaceKey(key), command, by });
    await this.before(command, signal);
    workspace.state = AFTER[command.kind];
    this.setPhase(key, workspace.state === 'running' ? READY : ASLEEP);
  }

  extend(_key: WorkspaceKey, ms: number): number {
    return SINCE + ms;
  }

  async nodes() {
    const name = parseNodeName('server-0');
    if (name === undefined) throw new Error('a name of a node');
    return [
      {
        name,
        role: 'server' as const,
        state: 'running' as const,
        address: '10.209.0.2',
        ready: true,
        version: 'v1.35.0+k3s1',
        since: SINCE,
        memory: 500_000_000,
        cpu: 0.05,
      },
    ];
  }

  async logs(_key: WorkspaceKey, { lines }: { readonly lines: number }) {
    const nodes = [{ name: 'server-0', state: 'running', lines: ['one', 'two', 'three'].slice(-lines) }];
    return { nodes, kept: { writtenAt: new Date(SINCE), lines: ['it failed'] } };
  }

  async kubeconfig(key: WorkspaceKey, from: string): Promise<string> {
    return `apiVersion: v1\n# of ${formatWorkspaceKey(key)} for ${from}\n`;
  }

  events(...asked: Parameters<ClusterApiTarget['events']>): AsyncIterable<RecordedEvent> {
    return this.tell(...asked);
  }

  route() {
    const addresses = { ingress: '10.209.0.2', api: { host: '10.209.0.2', port: 6443 } };
    return { kind: 'awake' as const, addresses };
  }

  urls({ user }: WorkspaceKey) {
    return { http: `http://${user}.lab.example.org`, https: `https://${user}.lab.example.org` };
  }

  #find(key: WorkspaceKey): FakeWorkspace {
    const known = this.#workspaces.get(formatWorkspaceKey(key));
    if (known === undefined) throw new FactoryError('WORKSPACE_UNKNOWN', 'There is no such workspace.');
    return known;
  }
}

/** The key of two names that are right. */
export function workspace(user: string, lab: string): WorkspaceKey {
  const key = parseWorkspaceKey(user, lab);
  if (key === undefined) throw new Error(`${user}/${lab} is no workspace`);
  return key;
}

function snapshotOf({ key, sessions, state, phase }: FakeWorkspace): WorkspaceSnapshot {
  return {
    key,
    labDefined: true,
    desire: { state: 'awake', next: undefined, cause: { kind: 'session', client: '192.0.2.7:50122' } },
    leases: Array.from({ length: sessions }, () => LEASE),
    pin: undefined,
    order: undefined,
    clusterOrder: undefined,
    deleteAt: undefined,
    container: { observed: { state: 'running', since: SINCE, longer: false }, phase: READY },
    cluster: { observed: { state, since: SINCE, longer: false }, phase },
  };
}
