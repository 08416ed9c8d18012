import { randomBytes, randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dockerNames, LABEL } from '../../src/names/docker-names.ts';
import { parseInstanceId } from '../../src/names/instance-id.ts';
import { parseWorkspaceKey } from '../../src/names/workspace-key.ts';
import { docker, dockerLines } from './harness/docker.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import { LAB_IMAGE } from './harness/set-up.ts';
import { sweepInstance } from './harness/sweeper.ts';

describe('what belongs to no workspace any more', () => {
  const stack = new AsyncDisposableStack();
  /** A factory that is somebody else's, on the same engine. */
  const other = randomBytes(4).toString('hex');
  let factory: Factory;
  let instance: string;

  beforeAll(async () => {
    factory = stack.use(await Factory.start({ grace: '5m', labs: { plain: PLAIN_LAB } }));
    instance = await factory.instance();
    stack.defer(() => sweepInstance(other));
    await (await factory.student('alice')).run('echo kept > file');
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  const gc = (...args: string[]) => runFactory(factory.folder, ['gc', ...args]);

  async function listed(): Promise<readonly string[]> {
    const { code, stdout, stderr } = await gc('--json');
    expect([code, stderr]).toEqual([0, '']);
    const { orphans, homes } = JSON.parse(stdout);
    return [...orphans, ...homes].map(({ kind, name }) => `${kind} ${name}`);
  }

  /** As a reset so many days ago left it; gives the volume. */
  async function keepState(user: string, days: number): Promise<string> {
    const { cluster } = namesOf(instance, user);
    const volume = `e2e-${instance}-${user}`;
    await docker(['volume', 'create', volume]);
    stack.defer(() => dockerQuietly('volume', 'rm', volume));
    const at = new Date(Date.now() - days * 86_400_000).toISOString();
    const volumesKept = [{ node: `k3d-${cluster}-server-0`, path: '/var/lib/rancher/k3s', volume }];
    const record = { user, lab: 'plain', cluster, at, volumes: volumesKept };
    const file = join(factory.folder, 'data', 'clusters', `${cluster}.set-aside.yaml`);
    await writeFile(file, JSON.stringify(record));
    return volume;
  }

  test('is found and removed beside a factory that runs; what lives, and what is another factory’s, stays', async () => {
    expect(await listed()).toEqual([]);
    const bob = namesOf(instance, 'bob');
    const ghost = namesOf(other, 'bob');
    const alice = namesOf(instance, 'alice');
    for (const [id, names] of [
      [instance, bob],
      [other, ghost],
    ] as const) {
      await makeNetwork(names.network, labels(id, 'bob', 'network'));
      await makeVolume(names.homeVolume, labels(id, 'bob', 'home'));
      // As k3d does, with no label of ours; only the workspace's other objects tell whose it is.
      await makeNetwork(names.clusterNetwork, ['app=k3d']);
      await makeVolume(`${names.clusterNetwork}-images`, [`k3d.cluster=${names.cluster}`]);
    }
    stack.defer(() => dockerQuietly('network', 'rm', ghost.clusterNetwork, bob.clusterNetwork));
    stack.defer(() => dockerQuietly('volume', 'rm', `${ghost.clusterNetwork}-images`));
    const orphans = [`cluster ${bob.cluster}`, `network ${bob.network}`];
    expect(await listed()).toEqual([...orphans, `home ${bob.homeVolume}`]);
    expect((await runFactory(factory.folder, ['gc'])).stdout).toMatch(
      /bob\/plain has no container.*\n[\s\S]*they stay/,
    );
    expect(await listed()).toHaveLength(3);

    const removed = await gc('--yes', '--json');
    expect(removed.code).toBe(0);
    expect(JSON.parse(removed.stdout)).toMatchObject({
      removed: orphans.map((orphan) => ({ name: orphan.split(' ')[1], workspace: 'bob/plain' })),
      failed: [],
      homes: [{ name: bob.homeVolume }],
    });
    expect(await networks()).toEqual(
      expect.arrayContaining([alice.network, ghost.network, ghost.clusterNetwork]),
    );
    expect(await networks()).not.toContain(bob.network);
    expect(await networks()).not.toContain(bob.clusterNetwork);
    expect(await volumes()).toEqual(
      expect.arrayContaining([
        alice.homeVolume,
        bob.homeVolume,
        ghost.homeVolume,
        `${ghost.clusterNetwork}-images`,
      ]),
    );
    expect((await gc('--homes', '--yes')).stdout).toMatch(/1 thing removed/);
    expect(await volumes()).not.toContain(bob.homeVolume);
    expect(await volumes()).toEqual(expect.arrayContaining([alice.homeVolume, ghost.homeVolume]));
    expect(await (await factory.student('alice')).run('cat file')).toBe('kept');
  });

  test('is found and ended: the shell of an @rescue whose factory was killed, and not of one that somebody is in', async () => {
    const alice = await factory.student('alice');
    const shells = async () => {
      const top = await docker(['top', namesOf(instance, 'alice').container, '-eo', 'pid,args']);
      return top.split('\n').filter((line) => /sh -l$/.test(line)).length;
    };
    await using killed = alice.connect('@rescue', { args: ['-tt'] });
    await killed.shows(/# /);
    await using plain = await alice.hold();
    await factory.kill();
    await plain.ended();
    await factory.startAgain();
    await using mine = alice.connect('@rescue', { args: ['-tt'] });
    await mine.shows(/# /);
    expect(await shells()).toBe(2);
    expect(await listed()).toEqual([expect.stringMatching(/^terminal /)]);
    expect(await gc('--yes')).toMatchObject({ code: 0 });
    await eventually(async () => (await shells()) === 1, { what: 'one shell is left' });
    expect(await listed()).toEqual([]);
    mine.write('echo a$((1+1))b\r');
    await mine.shows('a2b');
    // A client that is killed leaves nothing.
    await mine.kill();
    await eventually(async () => (await shells()) === 0, { what: 'no shell is left' });
  });

  test('is found and removed without a factory: helpers, a creation that was cut off, an old state of a reset cluster', async () => {
    await factory.stop();
    const carol = namesOf(instance, 'carol');
    const helper = `ssh-lab-factory.${instance}.helper.e2e`;
    const args = labels(instance, undefined, 'helper').flatMap((label) => ['--label', label]);
    await docker(['create', '--name', helper, ...args, LAB_IMAGE]);
    await makeNetwork(carol.clusterNetwork, ['app=k3d']);
    stack.defer(() => dockerQuietly('network', 'rm', carol.clusterNetwork));
    const record = {
      options: { runtime: { labels: labels(instance, 'carol', 'node').map((label) => ({ label })) } },
    };
    const file = join(factory.folder, 'data', 'clusters', `${carol.cluster}.creating.yaml`);
    await writeFile(file, JSON.stringify(record));

    const old = await keepState('dora', 8);
    const recent = await keepState('emil', 6);
    expect(await listed()).toEqual([
      `container ${helper}`,
      `cluster ${carol.cluster}`,
      `state ${namesOf(instance, 'dora').cluster}`,
    ]);
    expect(await gc('--yes')).toMatchObject({ code: 0 });
    expect(await listed()).toEqual([]);
    expect(await networks()).not.toContain(carol.clusterNetwork);
    expect(await volumes()).not.toContain(old);
    expect(await volumes()).toContain(recent);
    expect(await networks()).toContain(namesOf(instance, 'alice').network);
    await factory.startAgain();
    expect(await (await factory.student('alice')).run('cat file')).toBe('kept');
  });
});

function namesOf(instance: string, user: string) {
  const id = parseInstanceId(instance);
  const key = parseWorkspaceKey(user, 'plain');
  if (id === undefined || key === undefined) throw new Error(`${instance} or ${user} is no name`);
  return dockerNames(id, key);
}

function labels(instance: string, user: string | undefined, role: string): string[] {
  const owner = user === undefined ? [] : [`${LABEL.user}=${user}`, `${LABEL.lab}=plain`];
  return [`${LABEL.instance}=${instance}`, ...owner, `${LABEL.role}=${role}`];
}

async function makeNetwork(name: string, labelled: readonly string[]): Promise<void> {
  const settings = labelled.flatMap((label) => ['--label', label]);
  const make = () => docker(['network', 'create', '--subnet', anySubnet(), ...settings, name]);
  await eventually(make, { what: 'a range that no other network has' });
}

/** Docker's own ranges would end soon on a machine with many tests. */
function anySubnet(): string {
  return `10.${randomInt(200, 208)}.${randomInt(256)}.${16 * randomInt(16)}/28`;
}

async function makeVolume(name: string, labelled: readonly string[]): Promise<void> {
  await docker(['volume', 'create', ...labelled.flatMap((label) => ['--label', label]), name]);
}

const networks = () => dockerLines(['network', 'ls', '--format', '{{.Name}}']);
const volumes = () => dockerLines(['volume', 'ls', '--quiet']);

async function dockerQuietly(...args: string[]): Promise<void> {
  await docker(args).catch(() => {});
}
