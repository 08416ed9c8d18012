import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createAsideRecords } from '../../src/clusters/k3d/aside/aside-records.ts';
import { listAside, removeAside } from '../../src/clusters/k3d/aside/set-aside.ts';
import { createCreationRecords } from '../../src/clusters/k3d/creation/creation-records.ts';
import { createDockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { workspaceLabels } from '../../src/docker-engine/workspace-labels.ts';
import { dockerNames } from '../../src/names/docker-names.ts';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import { asideSteps } from '../../src/removal/aside-steps.ts';
import { takeSteps } from '../../src/removal/removal-step.ts';
import { docker } from '../e2e/harness/docker.ts';
import { WHOAMI_IMAGE } from '../e2e/harness/set-up.ts';
import { freshInstance, workspace } from '../fresh-names.ts';
import { testClusters } from './create-cluster.ts';
import { makeFakeNodes, volumesOfNodes } from './fake-nodes.ts';

const instance = freshInstance();
const folder = mkdtempSync(join(tmpdir(), 'set-aside-'));
const clusters = testClusters(instance, folder);
const site = { engine: createDockerEngine(), instance, folder };
const FUTURE = new Date(Date.now() + 3_600_000);

afterAll(async () => {
  for (const key of await clusters.list(limit())) await clusters.setAside(key, limit());
  await removeAside(site, FUTURE, limit());
  await rm(folder, { recursive: true, force: true });
});

describe('a cluster that is set aside', () => {
  test('is gone, and the volumes of its nodes are kept and known', async () => {
    const key = workspace('alice', 'k3s');
    await makeFakeNodes(instance, key, ['server-0', 'agent-0']);
    const volumes = await volumesOfNodes(instance, key);
    expect(volumes).toHaveLength(4);
    const began = Date.now();

    await clusters.setAside(key, limit());

    expect(await clusters.observe(key, limit())).toBe('absent');
    expect(await clusters.list(limit())).toEqual([]);
    expect(await existing(volumes)).toEqual(volumes);
    const kept = await keptOf(key);
    expect(kept?.volumes.map(({ volume }) => volume).sort()).toEqual(volumes);
    expect(kept?.volumes).toContainEqual(
      expect.objectContaining({ node: `${nodePrefix(key)}-server-0`, path: '/var/lib/rancher/k3s' }),
    );
    expect(kept?.at.getTime()).toBeGreaterThanOrEqual(began);
    expect(kept?.at.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('takes the place of the one before', async () => {
    const key = workspace('bob', 'k3s');
    const both: string[][] = [];
    for (let round = 0; round < 2; round += 1) {
      await makeFakeNodes(instance, key, ['server-0']);
      both.push([...(await volumesOfNodes(instance, key))]);
      await clusters.setAside(key, limit());
    }
    const [older = [], newer = []] = both;
    expect(await existing([...older, ...newer])).toEqual(newer);
    expect((await keptOf(key))?.volumes.map(({ volume }) => volume).sort()).toEqual(newer);
  });

  test('goes for good when it is old enough, and not while a container uses it', async () => {
    const key = workspace('carol', 'k3s');
    await makeFakeNodes(instance, key, ['server-0']);
    const volumes = await volumesOfNodes(instance, key);
    await clusters.setAside(key, limit());
    const kept = await keptOf(key);
    if (kept === undefined) throw new Error('nothing was kept');
    const outcomeOf = async (before: Date) => {
      const outcomes = await removeAside(site, before, limit());
      return outcomes.find(({ aside }) => aside.key.user === 'carol')?.removed;
    };

    expect(await outcomeOf(kept.at)).toBeUndefined();
    const reader = await docker(['run', '--detach', '--volume', `${volumes[0]}:/kept`, WHOAMI_IMAGE]);
    expect(await outcomeOf(FUTURE)).toBe(false);
    expect(await keptOf(key)).toBeDefined();
    await docker(['rm', '--force', reader.trim()]);
    expect(await outcomeOf(FUTURE)).toBe(true);
    expect(await existing(volumes)).toEqual([]);
    expect(await keptOf(key)).toBeUndefined();
  });
});

describe('a setting aside that was cut off', () => {
  const begun = async (key: WorkspaceKey) => {
    await makeFakeNodes(instance, key, ['server-0', 'agent-0']);
    const volumes = await volumesOfNodes(instance, key);
    await createAsideRecords(folder).begin({
      key,
      cluster: dockerNames(instance, key).cluster,
      at: new Date(),
      blueprint: undefined,
      volumes: volumes.map((volume) => ({ node: 'n', path: '/p', volume })),
    });
    return volumes;
  };

  test('is half a cluster, whose removal keeps what was to be kept', async () => {
    const key = workspace('dave', 'k3s');
    const volumes = await begun(key);
    await docker(['rm', '--force', `${nodePrefix(key)}-agent-0`]);

    const later = testClusters(instance, folder);
    expect(await later.observe(key, limit())).toBe('incomplete');
    expect(await later.list(limit())).toContainEqual(key);
    await later.remove(key, limit());

    expect(await later.observe(key, limit())).toBe('absent');
    expect(await existing(volumes)).toEqual(volumes);
    expect((await keptOf(key))?.volumes).toHaveLength(4);
  });

  test('is finished by whoever lists, once its nodes are gone', async () => {
    const key = workspace('erin', 'k3s');
    const volumes = await begun(key);
    expect(await keptOf(key)).toBeUndefined();
    await docker(['rm', '--force', `${nodePrefix(key)}-agent-0`, `${nodePrefix(key)}-server-0`]);
    expect((await keptOf(key))?.volumes).toHaveLength(volumes.length);
  });
});

test('a purge takes what was set aside, and the record of it', async () => {
  const key = workspace('ivan', 'k3s');
  await makeFakeNodes(instance, key, ['server-0']);
  const volumes = await volumesOfNodes(instance, key);
  await clusters.setAside(key, limit());
  expect(await existing(volumes)).toEqual(volumes);
  const others = (await listAside(site, limit())).length - 1;

  const { failed } = await takeSteps(await asideSteps(site, key), () => undefined, limit());

  expect(failed).toEqual([]);
  expect(await existing(volumes)).toEqual([]);
  expect(await listAside(site, limit())).toHaveLength(others);
});

test('a removal that was cut off is half a cluster, not one that lost a node', async () => {
  const key = workspace('judy', 'k3s');
  await makeFakeNodes(instance, key, ['server-0', 'agent-0']);
  await docker(['rm', '--force', '--volumes', `${nodePrefix(key)}-server-0`]);
  expect(await clusters.observe(key, limit())).toBe('stopped');
  const { cluster } = dockerNames(instance, key);
  await createCreationRecords(folder).writeRemoval(cluster, workspaceLabels(instance, key, 'node'));
  expect(await clusters.observe(key, limit())).toBe('incomplete');
  await clusters.remove(key, limit());
  expect(await clusters.observe(key, limit())).toBe('absent');
});

test('a removal keeps nothing', async () => {
  const key = workspace('frank', 'k3s');
  await makeFakeNodes(instance, key, ['server-0']);
  const volumes = await volumesOfNodes(instance, key);
  expect(await existing(volumes)).toEqual(volumes);
  await clusters.remove(key, limit());
  expect(await existing(volumes)).toEqual([]);
  expect(await keptOf(key)).toBeUndefined();
});

describe('suspending', () => {
  test('a cluster of several servers stops it', async () => {
    const key = workspace('grace', 'k3s');
    await makeFakeNodes(instance, key, ['server-0', 'server-1', 'server-2', 'agent-0']);
    expect(await clusters.observe(key, limit())).toBe('running');
    await clusters.suspend(key, limit());
    expect(await clusters.observe(key, limit())).toBe('stopped');
    await clusters.remove(key, limit());
  });

  test('a cluster of one server pauses it', async () => {
    const key = workspace('heidi', 'k3s');
    await makeFakeNodes(instance, key, ['server-0', 'agent-0']);
    await clusters.suspend(key, limit());
    expect(await clusters.observe(key, limit())).toBe('suspended');
    await clusters.remove(key, limit());
  });
});

function limit(): AbortSignal {
  return AbortSignal.timeout(60_000);
}

function nodePrefix(key: WorkspaceKey): string {
  return `k3d-${dockerNames(instance, key).cluster}`;
}

async function keptOf(key: WorkspaceKey) {
  const all = await listAside(site, limit());
  return all.find((aside) => aside.key.user === key.user);
}

/** Those of these volumes that there are, in the same order. */
async function existing(volumes: readonly string[]): Promise<readonly string[]> {
  const all = new Set((await docker(['volume', 'ls', '--quiet'])).split('\n'));
  return volumes.filter((name) => all.has(name));
}
