import { describe, expect, test } from 'vitest';
import { dockerNames } from '../names/docker-names.ts';
import { type Circumstances, findOrphans, type Holdings } from './orphans.ts';
import { INSTANCE, inventoryOf, isKey, keyOf, type Thing } from './testing/holdings.ts';

const NOW = Date.parse('2026-11-28T10:00:00Z');
const DAY = 86_400_000;
const ALICE: readonly Thing[] = ['container', 'home', 'network', 'node', 'k3d network', 'k3d volume'];

function find(
  inventory: Holdings['inventory'],
  more: Partial<Holdings> = {},
  circumstances: Partial<Circumstances> = {},
) {
  const nothing = { instance: INSTANCE, creations: [], routes: [], aside: [], terminals: [] };
  return findOrphans(
    { ...nothing, inventory, ...more },
    { now: NOW, makers: 'none', isLive: () => false, isWorking: () => false, ...circumstances },
  ).map(({ kind, name }) => `${kind} ${name}`);
}

const bob = dockerNames(INSTANCE, keyOf('bob/k3s'));

describe('nothing is an orphan', () => {
  test.each([
    ['of a whole workspace', ALICE],
    ['of one without a cluster', ['container', 'home', 'network']],
    ['of one whose container is gone', ALICE.slice(1)],
    ['of one with a container of a front', [...ALICE, 'front']],
  ] as const)('%s', (_what, things) => {
    expect(find(inventoryOf({ 'alice/k3s': things }))).toEqual([]);
  });

  test('of a workspace that lives, whatever there is of it', () => {
    const inventory = inventoryOf({ 'bob/k3s': ['home', 'network', 'k3d network', 'k3d tools'] });
    const more = { creations: [keyOf('bob/k3s')], routes: [keyOf('bob/k3s')] };
    expect(find(inventory, more, { isLive: isKey('bob/k3s') })).toEqual([]);
    expect(find(inventory, more, { isLive: isKey('bob/plain') })).not.toEqual([]);
  });

  test('that a running factory may just be making', () => {
    const helper = { kind: 'container', name: 'helper.1', role: 'helper' } as const;
    const young = inventoryOf({ 'bob/k3s': ['home', 'network'] }, [helper], NOW - 60_000);
    expect(find(young, {}, { makers: 'unknown' })).toEqual([]);
    // Controllers know what of a workspace is being made, and nothing of helpers.
    expect(find(young, {}, { makers: 'known' })).toEqual([
      `network ${bob.network}`,
      `home ${bob.homeVolume}`,
    ]);
    expect(find(young)).toHaveLength(3);
    expect(find(young, {}, { makers: 'unknown', now: NOW + DAY })).toHaveLength(3);
  });

  test('of Traefik', () => {
    expect(find(inventoryOf({}, [{ kind: 'container', name: 't', role: 'traefik' }]))).toEqual([]);
  });

  test('of a cluster that was set aside a while ago', () => {
    const aside = [{ key: keyOf('bob/k3s'), cluster: bob.cluster, at: NOW - 6 * DAY }];
    expect(find(inventoryOf({}), { aside })).toEqual([]);
  });
});

describe('an orphan is', () => {
  test('what a workspace left, its home apart; beside one that is whole', () => {
    const inventory = inventoryOf({ 'alice/k3s': ALICE, 'bob/k3s': ['home', 'network'] });
    expect(find(inventory)).toEqual([`network ${bob.network}`, `home ${bob.homeVolume}`]);
  });

  test('a container of a front, of a workspace that is gone', () => {
    expect(find(inventoryOf({ 'bob/k3s': ['front'] }))).toEqual(['container front-bob']);
  });

  test('what k3d left of a cluster, also where the container is there', () => {
    const left = ['k3d network', 'k3d volume', 'k3d tools'] as const;
    expect(find(inventoryOf({ 'bob/k3s': left }))).toEqual([`cluster ${bob.cluster}`]);
    expect(find(inventoryOf({ 'bob/k3s': ['container', 'home', 'network', ...left] }))).toEqual([
      `cluster ${bob.cluster}`,
    ]);
  });

  test('a cluster whose making was cut off', () => {
    const creations = [keyOf('alice/k3s')];
    const alice = dockerNames(INSTANCE, keyOf('alice/k3s'));
    expect(find(inventoryOf({ 'alice/k3s': ALICE }), { creations })).toEqual([`cluster ${alice.cluster}`]);
  });

  test('a record and a route of nobody', () => {
    const more = { creations: [keyOf('bob/k3s')], routes: [keyOf('bob/k3s'), keyOf('alice/k3s')] };
    expect(find(inventoryOf({ 'alice/k3s': ALICE }), more)).toEqual([
      `record ${bob.cluster}`,
      'route bob/k3s',
    ]);
  });

  test('what has no workspace', () => {
    const shared = [
      { kind: 'container', name: 'helper.1', role: 'helper' },
      { kind: 'network', name: 'net', role: '' },
      { kind: 'volume', name: 'vol', role: '' },
    ] as const;
    expect(find(inventoryOf({}, shared))).toEqual(['container helper.1', 'network net', 'volume vol']);
  });

  test('a terminal that nobody holds, of a workspace that lives as well', () => {
    const terminals = [{ key: keyOf('alice/k3s'), container: 'lab.alice', mark: 'abc' }];
    const inventory = inventoryOf({ 'alice/k3s': ALICE });
    expect(find(inventory, { terminals }, { isLive: () => true })).toEqual(['terminal abc']);
  });

  test('a state that was set aside more than a week ago, also of a workspace that lives; but not during a step', () => {
    const key = keyOf('alice/k3s');
    const aside = [{ key, cluster: 'alice-0', at: NOW - 8 * DAY }];
    const inventory = inventoryOf({ 'alice/k3s': ALICE });
    expect(find(inventory, { aside }, { isLive: () => true })).toEqual(['state alice-0']);
    expect(find(inventory, { aside }, { isWorking: isKey('alice/k3s') })).toEqual([]);
  });
});
