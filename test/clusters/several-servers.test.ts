import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { NOTHING_GIVEN } from '../../src/labs/lab-definition.ts';
import { dockerNames } from '../../src/names/docker-names.ts';
import { parseNodeName } from '../../src/names/node-name.ts';
import { docker } from '../e2e/harness/docker.ts';
import { EventRecorder } from '../e2e/harness/event-recorder.ts';
import { eventually } from '../e2e/harness/eventually.ts';
import { freshInstance, workspace } from '../fresh-names.ts';
import { definition, testClusters } from './create-cluster.ts';
import { makeFakeNodes } from './fake-nodes.ts';

/*
 * The node image of the test bed cannot run several servers. So k3d makes such a cluster here up to the moment at which Kubernetes
 * would have to come up, and what follows is tried on containers that only look like nodes.
 */
const instance = freshInstance();
const folder = mkdtempSync(join(tmpdir(), 'several-servers-'));
const clusters = testClusters(instance, folder);
const NODES = ['server-0', 'server-1', 'server-2', 'agent-0'];

afterAll(async () => {
  for (const key of await clusters.list(limit())) await clusters.remove(key, limit());
  await rm(folder, { recursive: true, force: true });
});

describe('a cluster of three servers and an agent', { timeout: 240_000 }, () => {
  test('is taken by k3d, gets its addresses before it starts, and is undone when it is aborted', async () => {
    const key = workspace('bob', 'k3s');
    const { cluster, clusterNetwork } = dockerNames(instance, key);
    const ended = new AbortController();
    const wanted = { ...definition, servers: 3, agents: 1 };
    const creation = clusters.create(key, wanted, NOTHING_GIVEN, () => undefined, ended.signal);
    const outcome = expect(creation).rejects.toThrow('enough seen');
    const hosts = () => Promise.all(NODES.map((node) => fixedHost(`k3d-${cluster}-${node}`, clusterNetwork)));
    await eventually(async () => (await hosts()).join() === '3,13,12,4', {
      what: 'the nodes have their addresses',
      within: 120_000,
    });
    expect(await publishedPorts(NODES.map((node) => `k3d-${cluster}-${node}`))).toEqual([1, 0, 0, 0]);
    ended.abort(new Error('enough seen'));
    await outcome;
    expect(await clusters.observe(key, limit())).toBe('absent');
  });

  test('is stopped where one of a single server is paused, with the agents first', async () => {
    await using events = await EventRecorder.start();
    const [many, single] = [workspace('alice', 'k3s'), workspace('carol', 'k3s')];
    await makeFakeNodes(instance, many, NODES);
    await makeFakeNodes(instance, single, ['server-0', 'agent-0']);
    for (const key of [many, single]) {
      expect(await clusters.observe(key, limit())).toBe('running');
      await clusters.suspend(key, limit());
    }
    expect(await clusters.observe(many, limit())).toBe('stopped');
    expect(await clusters.observe(single, limit())).toBe('suspended');
    const died = () => events.of(instance, { action: 'die' }).filter(({ user }) => user === 'alice');
    // Docker may tell of an end a moment after the stop that it answers.
    await eventually(() => died().length === 4, { what: 'all four have died', within: 30_000 });
    expect(died()[0]?.name).toBe(`k3d-${dockerNames(instance, many).cluster}-agent-0`);
  });

  test('lists its servers first, loses agents alone, and counts as stopped while any server is', async () => {
    const key = workspace('dave', 'k3s');
    const { cluster } = dockerNames(instance, key);
    await makeFakeNodes(instance, key, NODES);
    expect(
      (await clusters.nodes(key, limit())).map(({ name, role, state }) => `${name} ${role} ${state}`),
    ).toEqual([
      'server-0 server running',
      'server-1 server running',
      'server-2 server running',
      'agent-0 agent running',
    ]);
    const [server, agent] = [parseNodeName('server-2'), parseNodeName('agent-0')];
    if (server === undefined || agent === undefined) throw new Error('no node names');
    await expect(clusters.stopNode(key, server, limit())).rejects.toMatchObject({ code: 'NODE_UNKNOWN' });
    await docker(['stop', '--time', '0', `k3d-${cluster}-server-2`]);
    expect(await clusters.observe(key, limit())).toBe('stopped');
    await docker(['start', `k3d-${cluster}-server-2`]);
    expect(await clusters.observe(key, limit())).toBe('running');
    await docker(['rm', '--force', '--volumes', `k3d-${cluster}-server-0`]);
    await expect(clusters.start(key, () => undefined, limit())).rejects.toMatchObject({
      code: 'CLUSTER_BROKEN',
    });
    await clusters.remove(key, limit());
    expect(await clusters.nodes(key, limit())).toEqual([]);
  });
});

const endpointSchema = z.array(
  z.object({
    HostConfig: z.object({ PortBindings: z.record(z.string(), z.unknown()).nullish() }),
    NetworkSettings: z.object({
      Networks: z.record(
        z.string(),
        z.object({ IPAMConfig: z.object({ IPv4Address: z.string().optional() }).nullish() }),
      ),
    }),
  }),
);

async function inspect(containers: readonly string[]) {
  return endpointSchema.parse(JSON.parse(await docker(['inspect', ...containers])));
}

/** The number in its /28 of the address that a container is to have; undefined while there is none. */
async function fixedHost(container: string, network: string): Promise<number | undefined> {
  const [found] = await inspect([container]).catch(() => []);
  const address = found?.NetworkSettings.Networks[network]?.IPAMConfig?.IPv4Address;
  return address === undefined ? undefined : Number(address.split('.')[3]) % 16;
}

async function publishedPorts(containers: readonly string[]): Promise<readonly number[]> {
  return (await inspect(containers)).map(
    ({ HostConfig }) => Object.keys(HostConfig.PortBindings ?? {}).length,
  );
}

function limit(): AbortSignal {
  return AbortSignal.timeout(120_000);
}
