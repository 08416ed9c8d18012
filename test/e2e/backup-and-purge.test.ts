import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { createCreationRecords } from '../../src/clusters/k3d/creation/creation-records.ts';
import { dockerNames, LABEL } from '../../src/names/docker-names.ts';
import { parseInstanceId } from '../../src/names/instance-id.ts';
import { workspace as workspaceKey } from '../fresh-names.ts';
import { type Belongings, belongingsOf, whatIsLeftOf } from './harness/belongings.ts';
import { docker, dockerLines } from './harness/docker.ts';
import { Factory } from './harness/factory.ts';
import { killFactoryAt, putFactoryCommand, runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import { followPage } from './harness/follow-page.ts';
import { hostKubectl } from './harness/host-kubectl.ts';
import { clusterOfUse, kubectl, settledPods } from './harness/kubectl.ts';
import { section, splitAt } from './harness/sections.ts';
import { PROJECT, WHOAMI_IMAGE } from './harness/set-up.ts';
import type { Student } from './harness/student.ts';
import { deploy } from './harness/web-app.ts';
import { Workspace } from './harness/workspace.ts';

/** A claim, and a pod that nobody would make again. */
const CLAIM_AND_POD = [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'bare' },
    spec: {
      containers: [
        {
          name: 'app',
          image: WHOAMI_IMAGE,
          imagePullPolicy: 'IfNotPresent',
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  },
];

/** The page is for a service that runs as a user of its own; here it is a program in a folder. */
const AS_HERE = new Map([
  ['sudo systemctl [^\\n]*', 'true'],
  ['sudo -iu factory factory', './factory'],
  ['sudo -iu factory tar', 'tar'],
  ['sudo tar', 'tar'],
  ['/opt/factory/moving', 'moving'],
  ['/etc/ssh-lab-factory/factory.yaml', 'factory.yaml'],
  ['-C /var/lib ssh-lab-factory', 'data'],
  ['-C /var/lib', '-C .'],
]);

const IN_CLAIM = '/var/lib/rancher/k3s/storage/pvc-*_default_data/kept';

describe('what an operator does with a stopped factory, each step builds on the one before', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;
  let neighbour: Factory;
  let neighbours: Belongings;
  let alice: Student;
  let workspace: Workspace;
  let page: string;
  let before: Awaited<ReturnType<typeof snapshot>>;
  const factoryCommand = (...args: string[]) => runFactory(factory.folder, args);

  /** What a restore must bring back. */
  async function snapshot() {
    const found = await settledPods(alice);
    return {
      home: await alice.run('cat kept; stat -c "%U %a" secret root-owned; readlink link'),
      pods: found.map(({ name, uid }) => `${name} ${uid}`),
      claim: await workspace.inNode('sh', '-c', `cat ${IN_CLAIM}`),
      address: await workspace.nodeAddress(),
      server: await kubectl(alice, 'config view --minify --raw -o jsonpath={.clusters[0].cluster}'),
    };
  }

  async function follow(markdown: string): Promise<void> {
    await followPage(markdown, {
      folder: factory.folder,
      env: { FACTORY_SETUP: join(factory.folder, 'setup.json') },
      replace: AS_HERE,
      within: 240_000,
    });
  }

  beforeAll(async () => {
    page = await readFile(join(PROJECT, 'docs/operate.md'), 'utf8');
    factory = stack.use(await Factory.start({ grace: '10m' }));
    neighbour = stack.use(await Factory.start({ grace: '10m', labs: { k3s: PLAIN_LAB } }));
    await putFactoryCommand(factory.folder);
    alice = await factory.student('alice');
    workspace = new Workspace(factory, 'alice');
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  test('two factories on one engine, with a user of the same name', async () => {
    await (await neighbour.student('alice')).run('echo mine > mine');
    neighbours = await belongingsOf(await neighbour.instance());
    await alice.run('echo kept > kept; mkdir -m 700 secret; sudo touch root-owned; ln -s /etc/passwd link');
    await clusterOfUse(alice);
    await deploy(alice, { name: 'hello', says: 'hello', hosts: ['alice.lab.test'] });
    await kubectl(alice, 'apply -f -', CLAIM_AND_POD.map((one) => stringify(one)).join('---\n'));
    await kubectl(alice, 'wait pod/bare --for=condition=Ready --timeout=80s');
    await workspace.inNode(
      'sh',
      '-c',
      `for folder in ${IN_CLAIM.replace('/kept', '')}; do echo claimed > $folder/kept; done`,
    );
    await writeFile(join(factory.folder, 'kubeconfig'), (await alice.exec('@kubeconfig')).stdout);
    before = await snapshot();
    expect(before.claim).toBe('claimed');
  });

  test.for([
    ['backup', '--to', 'refused'],
    ['restore', 'refused'],
    ['purge', '--yes'],
    ['purge', '--workspace', 'alice/k3s', '--yes'],
  ])('%s %s: not while the factory runs', async (args) => {
    const { code, stderr } = await factoryCommand(...args);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('Another factory uses this data'),
    });
    expect(await workspace.state()).toBe('running');
  });

  test('the page on backup and restore can be followed', async () => {
    await factory.stop();
    await follow(section(page, 'Backup and restore'));

    expect((await workspace.node()).State.Status, 'as the restore left it').toBe('created');
    const folder = join(factory.folder, 'backups/monday/alice.k3s');
    expect((await stat(folder)).mode & 0o077).toBe(0);
    for (const file of await readdir(folder)) expect((await stat(join(folder, file))).mode & 0o077).toBe(0);
    expect(await readdir(join(factory.folder, 'backups/monday'))).toEqual(['alice.k3s', 'data.tar.gz']);
  });

  test('what would overwrite something is refused, and changes nothing', async () => {
    expect(await factoryCommand('backup', '--to', 'backups/monday')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has a backup of alice/k3s already'),
    });
    expect(await factoryCommand('restore', 'backups/monday/alice.k3s')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--replace'),
    });
    expect(await factoryCommand('backup', 'bob/k3s', '--to', 'other')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no workspace bob\/k3s .* alice\/k3s/),
    });
  });

  test('a damaged backup is refused before anything is changed', async () => {
    const node = await workspace.node();
    const archive = join(factory.folder, 'backups/monday/alice.k3s/server-0.kubelet.tar.zst');
    const whole = await readFile(archive);
    await writeFile(archive, whole.subarray(0, whole.length - 1));
    expect(await factoryCommand('restore', 'backups/monday/alice.k3s', '--replace')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is damaged'),
    });
    await writeFile(archive, whole);
    expect((await workspace.node()).Id).toBe(node.Id);
  });

  test('a purge asks, and a wrong word removes nothing', async () => {
    expect(await runFactory(factory.folder, ['purge'], { input: 'yes\n' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was removed.'),
    });
    expect(await workspace.containers('node')).toHaveLength(1);
  });

  test('a purge that is killed is finished by the next, and nothing is left but what is not ours', async () => {
    const [leaving] = splitAt(section(page, 'Move to another machine'), 'Copy `/opt');
    await follow(leaving);

    await using odd = await oddObjects(factory);
    const ours = await belongingsOf(await factory.instance());
    expect(ours.volumes.length, 'home, image volume, four volumes of the node').toBeGreaterThanOrEqual(6);
    await killFactoryAt(factory.folder, ['purge', '--yes'], 'removing the cluster alice-');
    await follow(splitAt(section(page, 'Remove everything'), 'That removes')[0]);

    expect(await whatIsLeftOf(ours)).toEqual([]);
    expect(await whatIsLeftOf({ containers: [odd.container], volumes: [], networks: [odd.network] })).toEqual(
      [],
    );
    expect(await whatIsLeftOf(odd.foreign), 'what only looks like ours').toHaveLength(2);
    expect(await whatIsLeftOf(neighbours)).toEqual(Object.values(neighbours).flat());
    expect(await readdir(factory.folder)).not.toContain('data');
    expect(await (await neighbour.student('alice')).run('cat mine')).toBe('mine');
  });

  test('a restore that is killed keeps the factory from starting, and is finished by the next', async () => {
    await rm(join(factory.folder, 'data'), { recursive: true, force: true });
    const [, arriving] = splitAt(section(page, 'Move to another machine'), 'Copy `/opt');
    const restore = ['restore', 'moving'];
    await killFactoryAt(factory.folder, restore, 'restoring the node');
    expect(await factoryCommand('serve')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('A restore of alice/k3s was cut off'),
    });
    await follow(arriving);
    const label = `label=${LABEL.instance}=${await factory.instance()}`;
    const helpers = ['--filter', label, '--filter', `label=${LABEL.role}=helper`];
    expect(await dockerLines(['ps', '--all', '--quiet', ...helpers])).toEqual([]);
  });

  test('the login after it finds all as it was', async () => {
    await factory.startAgain();
    await alice.run('true');
    await clusterOfUse(alice);

    await kubectl(alice, 'wait pod/bare --for=condition=Ready --timeout=80s');
    await kubectl(alice, 'rollout status deployment/hello --timeout=80s');
    expect(await snapshot()).toEqual(before);
    const { kube } = factory.endpoints.routes;
    const file = join(factory.folder, 'kubeconfig');
    const kept = (await readFile(file, 'utf8')).replace(
      /server: .*/,
      `server: https://127.0.0.1:${kube.port}`,
    );
    await writeFile(file, kept);
    const asBefore = ['--tls-server-name', 'alice.lab.test', 'get', 'pods', '-o', 'name'];
    expect(await hostKubectl(file, ...asBefore), 'the certificates of before').toContain('pod/bare');
  });

  test('one workspace goes alone: first without its home, then with it', async () => {
    await factory.stop();
    const ours = await belongingsOf(await factory.instance());
    const { homeVolume } = dockerNames(instanceId(await factory.instance()), workspaceKey('alice', 'k3s'));
    const typed = await runFactory(factory.folder, ['purge', '--workspace', 'alice/k3s'], {
      input: 'alice/k3s\n',
    });
    expect(typed).toMatchObject({ code: 0, stdout: expect.stringContaining('The home stays') });
    const left = await whatIsLeftOf(ours);
    expect(left.filter((name) => name.includes('alice'))).toEqual([homeVolume]);

    const { stdout, code } = await factoryCommand(
      'purge',
      '--workspace',
      'alice/k3s',
      '--with-home',
      '--yes',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ removed: [{ kind: 'volume', name: homeVolume }], failed: [] });
    expect((await whatIsLeftOf(ours)).length, 'Traefik').toBe(1);
  });
});

/**
 * What a purge could overlook or take by mistake: half a creation that has no more than k3d's network, a container without
 * a network; and a network and a volume that look like k3d's, and are nobody's.
 */
async function oddObjects(factory: Factory) {
  const instance = instanceId(await factory.instance());
  const { cluster, clusterNetwork } = dockerNames(instance, workspaceKey('bob', 'k3s'));
  const labels = [`${LABEL.user}=bob`, `${LABEL.lab}=k3s`].map((label) => ({ label }));
  const records = createCreationRecords(join(factory.folder, 'data', 'clusters'));
  await records.write(cluster, { options: { runtime: { labels } } });
  await docker(['network', 'create', '--label', 'app=k3d', clusterNetwork]);
  const container = await docker([
    'create',
    '--network=none',
    `--label=${LABEL.instance}=${instance}`,
    WHOAMI_IMAGE,
  ]);
  const stranger = `k3d-bob-${instance}`;
  await docker(['network', 'create', '--label', 'app=k3d', stranger]);
  await docker([
    'volume',
    'create',
    '--label',
    'app=k3d',
    '--label',
    `k3d.cluster=bob-${instance}`,
    stranger,
  ]);
  return {
    container,
    network: clusterNetwork,
    foreign: { containers: [], volumes: [stranger], networks: [stranger] },
    async [Symbol.asyncDispose]() {
      await docker(['network', 'rm', stranger]);
      await docker(['volume', 'rm', stranger]);
    },
  };
}

function instanceId(text: string) {
  const id = parseInstanceId(text);
  if (id === undefined) throw new Error(`${text} is no instance id`);
  return id;
}
