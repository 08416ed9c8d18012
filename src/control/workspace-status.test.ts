import { describe, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import type { PartSnapshot, WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';
import { factoryStatusSchema } from './status-schema.ts';
import { workspaceStatus } from './workspace-status.ts';

const user = parseUsername('alice');
const lab = parseLabName('k3s');
if (user === undefined || lab === undefined) throw new Error('names');

const NOW = Date.parse('2026-11-28T10:00:00Z');
const AGO = NOW - 60_000;

const running: PartSnapshot = {
  observed: { state: 'running', since: AGO, longer: false },
  phase: { kind: 'ready' },
};
const suspended: PartSnapshot = {
  observed: { state: 'suspended', since: AGO, longer: true },
  phase: { kind: 'asleep' },
};
const creating: PartSnapshot = {
  observed: { state: 'absent', since: AGO - 1, longer: false },
  phase: {
    kind: 'working',
    action: 'create',
    step: 'starting Kubernetes',
    since: AGO,
    overdueAt: Number.POSITIVE_INFINITY,
  },
};
const FAILURE = new FactoryError('CLUSTER_FAILED', 'It failed.');
const failed: PartSnapshot = {
  observed: { state: 'stopped', since: AGO, longer: false },
  phase: {
    kind: 'failed',
    error: FAILURE,
    retryAt: NOW + 5,
  },
};

const cause = { kind: 'time', after: 'grace' } as const;
const TO_SUSPEND = { state: 'as-is', next: { state: 'suspended', at: NOW }, cause } as const;
const TO_DELETE = { state: 'stopped', next: { state: 'deleted', at: NOW + 5 }, cause } as const;
const TO_STOP = { state: 'suspended', next: { state: 'stopped', at: NOW }, cause } as const;

function statusOf(changes: Partial<WorkspaceSnapshot>) {
  const snapshot: WorkspaceSnapshot = {
    key: { user: user ?? fail(), lab: lab ?? fail() },
    labDefined: true,
    desire: { state: 'awake', next: undefined, cause: { kind: 'session', client: '192.0.2.1:5' } },
    leases: [],
    pin: undefined,
    order: undefined,
    clusterOrder: undefined,
    deleteAt: undefined,
    container: running,
    cluster: running,
    ...changes,
  };
  const surroundings = { memory: 5, route: { kind: 'asleep' as const }, url: 'http://alice.lab.test' };
  const status = workspaceStatus(snapshot, surroundings, NOW);
  // What is told is what is published.
  expect(factoryStatusSchema.shape.workspaces.element.parse(status)).toEqual(status);
  return status;
}

function fail(): never {
  throw new Error('names');
}

describe('the state of a workspace', () => {
  test.each([
    ['both run', running, running, 'running'],
    ['there is no cluster', suspended, undefined, 'suspended'],
    ['the cluster is being made', running, creating, 'creating'],
    ['the cluster failed', running, failed, 'failed'],
    ['the container failed while the cluster is being made', failed, creating, 'failed'],
    ['one half sleeps', running, suspended, 'running'],
    [
      'nobody has looked yet',
      { observed: undefined, phase: { kind: 'asleep' } } as const,
      undefined,
      'unknown',
    ],
  ] as const)('when %s', (_what, container, cluster, state) => {
    expect(statusOf({ container, cluster }).state).toBe(state);
  });

  test('says since when, and whether it was so before the factory started', () => {
    expect(statusOf({ container: suspended, cluster: suspended })).toMatchObject({
      since: '2026-11-28T09:59:00.000Z',
      longer: true,
    });
    expect(statusOf({ cluster: creating })).toMatchObject({
      since: '2026-11-28T09:59:00.000Z',
      longer: false,
    });
  });

  test('says what time alone will make of it', () => {
    expect(statusOf({}).next).toBeNull();
    expect(statusOf({ desire: TO_SUSPEND }).next?.state).toBe('suspended');
    expect(statusOf({ desire: TO_STOP }).next?.state).toBe('stopped');
    const stopped = {
      ...suspended,
      observed: { state: 'stopped', since: AGO, longer: true },
    } as const;
    const deletion = { deleteAt: NOW + 5, desire: TO_DELETE } as const;
    expect(statusOf({ container: stopped, cluster: stopped, ...deletion })).toMatchObject({
      next: { state: 'deleted', at: '2026-11-28T10:00:00.005Z' },
      delete_at: '2026-11-28T10:00:00.005Z',
    });
    // It is the cluster that is deleted.
    expect(statusOf({ container: stopped, cluster: undefined, desire: TO_DELETE }).next).toBeNull();
  });

  test('tells of pins and orders', () => {
    expect(statusOf({})).toMatchObject({ pin: null, order: null, delete_at: null });
    expect(statusOf({ pin: { until: NOW + 5, by: 'ida' }, order: 'stop' })).toMatchObject({
      pin: { until: '2026-11-28T10:00:00.005Z', by: 'ida' },
      order: 'stop',
    });
  });

  test.each([
    [Number.POSITIVE_INFINITY, null, 'usual'],
    [AGO + 121_000, '2026-11-28T10:01:01.000Z', 'usual'],
    [AGO + 119_000, '2026-11-28T10:00:59.000Z', 'slow'],
    [NOW, '2026-11-28T10:00:00.000Z', 'overdue'],
  ])('says of a step for a minute with its end at %d that it is %s, %s', (overdueAt, at, pace) => {
    const phase = { kind: 'working', action: 'start', step: '', since: AGO, overdueAt } as const;
    const { cluster } = statusOf({ cluster: { ...suspended, phase } });
    expect(cluster?.doing).toMatchObject({ overdue_at: at, pace });
  });

  test('and nothing where it is asleep already', () => {
    const stopped = { ...suspended, observed: { state: 'stopped', since: AGO, longer: true } } as const;
    const asleep = { container: stopped, cluster: stopped };
    expect(statusOf({ ...asleep, desire: TO_SUSPEND }).next).toBeNull();
    expect(statusOf({ ...asleep, desire: TO_STOP }).next).toBeNull();
    const half = { container: stopped, cluster: suspended };
    expect(statusOf({ ...half, desire: TO_SUSPEND }).next).toBeNull();
    expect(statusOf({ ...half, desire: TO_STOP }).next?.state).toBe('stopped');
  });

  test('says why a step failed, and when it is tried again', () => {
    expect(statusOf({ cluster: failed }).cluster?.error).toEqual({
      id: FAILURE.id,
      code: 'CLUSTER_FAILED',
      message: 'It failed.',
      retry_at: '2026-11-28T10:00:00.005Z',
    });
  });

  test('names its sessions, and says which are idle', () => {
    const lease = {
      holder: { session: 's1', clientAddress: '192.0.2.1:5', clientProgram: 'SSH-2.0-OpenSSH_9.2p1' },
      client: 'VS Code',
      since: AGO,
      lastInput: NOW - 1_000,
      channels: new Set([{ kind: 'command', name: '' } as const, { kind: 'forward', name: '' } as const]),
      endsAt: NOW + 60_000,
      ownLimit: undefined,
      putOff: () => {},
      extend: () => 0,
      notify: () => {},
    };
    const idle = { ...lease, channels: new Set<never>(), lastInput: NOW - 300_000, endsAt: undefined };
    expect(statusOf({ leases: [lease, idle] }).sessions).toEqual([
      {
        address: '192.0.2.1:5',
        client: 'VS Code',
        program: 'SSH-2.0-OpenSSH_9.2p1',
        since: '2026-11-28T09:59:00.000Z',
        last_input: '2026-11-28T09:59:59.000Z',
        idle_since: null,
        channels: 2,
        forwards: 1,
        ends_at: '2026-11-28T10:01:00.000Z',
      },
      expect.objectContaining({
        last_input: '2026-11-28T09:55:00.000Z',
        idle_since: '2026-11-28T09:55:00.000Z',
        channels: 0,
        forwards: 0,
        ends_at: null,
      }),
    ]);
  });
});
