import { expect, test } from 'vitest';
import { keyOf } from '../inventory/testing/holdings.ts';
import type { HeldLease } from '../workspaces/sessions/held-lease.ts';
import type { PartSnapshot, WorkspaceSnapshot } from '../workspaces/workspace-snapshot.ts';
import { circumstancesOf } from './live-circumstances.ts';

const NOW = 1_000;
const key = keyOf('alice/k3s');
const asleep = { kind: 'asleep' } as const;
const absent: PartSnapshot = { observed: { state: 'absent', since: 0, longer: false }, phase: asleep };
const stopped: PartSnapshot = { observed: { state: 'stopped', since: 0, longer: false }, phase: asleep };
const unseen: PartSnapshot = { observed: undefined, phase: asleep };
const creating: PartSnapshot = {
  ...absent,
  phase: { kind: 'working', action: 'create', step: '', since: 0, overdueAt: 5_000 },
};
const lease: HeldLease = {
  holder: { session: 's1', clientAddress: '', clientProgram: '' },
  client: '',
  since: 0,
  lastInput: 0,
  channels: new Set(),
  endsAt: undefined,
  ownLimit: undefined,
  putOff: () => {},
  extend: () => 0,
  notify: () => {},
};

test.each([
  ['of which nothing is there', {}, false, false],
  ['without a cluster, of which nothing is there', { cluster: undefined }, false, false],
  ['that has a container', { container: stopped }, true, false],
  ['that has a cluster', { cluster: stopped }, true, false],
  ['at which nobody has looked yet', { container: unseen }, true, false],
  ['that is being made', { cluster: creating }, true, true],
  ['in which somebody is', { leases: [lease] }, true, false],
] as const)('a workspace %s', (_what, changes, isLive, isWorking) => {
  const snapshot: WorkspaceSnapshot = {
    key,
    labDefined: true,
    desire: { state: 'stopped', next: undefined, cause: { kind: 'time', after: 'stop_after' } },
    leases: [],
    pin: undefined,
    order: undefined,
    clusterOrder: undefined,
    deleteAt: undefined,
    container: absent,
    cluster: absent,
    ...changes,
  };
  const circumstances = circumstancesOf([snapshot], NOW);
  expect([circumstances.isLive(key), circumstances.isWorking(key)]).toEqual([isLive, isWorking]);
  expect(circumstances.isLive(keyOf('bob/k3s'))).toBe(false);
});
