import { execFile, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PUBLIC_AUTHORITY } from '../../src/acme/testing/public-authority.ts';
import { backUpWorkspace } from '../../src/backup/back-up-workspace.ts';
import { openBackup } from '../../src/backup/backup-folder.ts';
import { restoreWorkspace } from '../../src/backup/restore-workspace.ts';
import { createCreationRecords } from '../../src/clusters/k3d/creation/creation-records.ts';
import { createDockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { NOTHING_GIVEN } from '../../src/labs/lab-definition.ts';
import { dockerNames, LABEL } from '../../src/names/docker-names.ts';
import { traefikLabels } from '../../src/routing/traefik-labels.ts';
import { createSubnetPool, type SubnetPool } from '../../src/subnets/subnet-pool.ts';
import type { Clusters } from '../../src/workspaces/ports/clusters.ts';
import { eventually } from '../e2e/harness/eventually.ts';
import { hostKubectl } from '../e2e/harness/host-kubectl.ts';
import { WHOAMI_IMAGE } from '../e2e/harness/set-up.ts';
import { freshInstance, workspace } from '../fresh-names.ts';
import { definition, nodeImage, SUBNETS, testClusters } from './create-cluster.ts';
import { addTraefikArgument, traefikArguments } from './own-traefik.ts';

const run = promisify(execFile);
const creationProgram = fileURLToPath(new URL('create-cluster.ts', import.meta.url));
const docker = new Docker();
const instance = freshInstance();

/** For k3d a variable of its own environment, if it ever saw it. */
const DOLLARS = 'DOLLARS=$HOME $$ 5$';

const folder = mkdtempSync(join(tmpdir(), 'k3d-clusters-'));
const clustersWith = (changes: { k3d?: string; minFreeDisk?: number; subnets?: SubnetPool } = {}): Clusters =>
  testClusters(instance, folder, changes);

afterAll(async () => {
  const clusters = clustersWith();
  const signal = limit();
  for (const key of await clusters.list(signal)) await clusters.remove(key, signal);
  await rm(folder, { recursive: true, force: true });
}, 300_000);

describe('a cluster', { timeout: 400_000 }, () => {
  const key = workspace('alice', 'k3s');
  const names = dockerNames(instance, key);
  const clusters = clustersWith();
  const steps: string[] = [];
  let signal: AbortSignal;
  let kubeconfigFile: string;
  const kubectl = (...args: string[]) => hostKubectl(kubeconfigFile, ...args);

  beforeEach(() => {
    signal = limit();
  });

  test('is of use as soon as it is created, though another factory takes the first subnet that it finds', async () => {
    expect(await clusters.observe(key, signal)).toBe('absent');
    await using late = await poolThatIsLate(signal);
    await clustersWith({ subnets: late.subnets }).create(
      key,
      { ...definition, agents: 1, env: [{ envVar: DOLLARS, nodeFilters: ['server:0'] }] },
      NOTHING_GIVEN,
      (step) => steps.push(step),
      signal,
    );
    expect(await clusters.observe(key, signal)).toBe('running');
    expect(await clusters.list(signal)).toEqual([key]);
    expect(steps).toEqual(
      expect.arrayContaining([
        'creating its node',
        'starting Kubernetes',
        'waiting for the node',
        'waiting for DNS and ingress',
      ]),
    );

    const attachment = await clusters.attachment(key, signal);
    kubeconfigFile = join(folder, 'admin.yaml');
    await writeFile(kubeconfigFile, attachment.kubeconfig);
    expect((await kubectl('get', 'nodes', '--no-headers')).match(/ Ready /g)).toHaveLength(2);
    const { ingress } = await clusters.addresses(key, signal);
    const answers = async () => (await fetch(`http://${ingress}/`)).status === 404;
    await eventually(answers, { what: 'the ingress answers' });
  });

  test('has a Traefik that is ready for certificates, on the server, with what it is to keep', async () => {
    const data = await kubectl('get', 'configmap', 'acme', '-o', 'jsonpath={.data}');
    expect(JSON.parse(data)).toEqual({ directory: PUBLIC_AUTHORITY.directory });
    expect(await traefikArguments(kubectl)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^--entrypoints\.web\.forwardedheaders\.trustedips=10\.42\.0\.0\/16,10\.213\./),
        `--certificatesresolvers.acme-http.acme.caserver=${PUBLIC_AUTHORITY.directory}`,
        '--certificatesresolvers.acme-tls.acme.storage=/data/acme-tls.json',
      ]),
    );
    const kubeSystem = ['--namespace', 'kube-system', '-o'];
    expect(await kubectl('get', 'pvc', 'traefik', ...kubeSystem, 'jsonpath={.status.phase}')).toBe('Bound');
    const pods = ['get', 'pods', '--selector', 'app.kubernetes.io/name=traefik', ...kubeSystem];
    expect(await kubectl(...pods, 'jsonpath={.items[*].spec.nodeName}')).toBe(
      `k3d-${names.cluster}-server-0`,
    );
  });

  test('takes a change of its owner to the configuration of its Traefik', async () => {
    await addTraefikArgument(kubectl, '--accesslog=true');
    await eventually(async () => (await traefikArguments(kubectl)).includes('--accesslog=true'), {
      what: 'Traefik is made anew with the argument',
      within: 120_000,
    });
  });

  test('answers by the public name of its certificate', async () => {
    const kubeconfig = parse(await clusters.publicKubeconfig(key, signal));
    expect(kubeconfig.clusters[0].cluster).toMatchObject({
      server: 'https://127.0.0.1:7443',
      'tls-server-name': 'alice.localhost',
    });
    const { api } = await clusters.addresses(key, signal);
    const nodes = await kubectl(
      ...['--server', `https://${api.host}:${api.port}`, '--tls-server-name', 'alice.localhost'],
      ...['get', 'nodes', '-o', 'name'],
    );
    expect(nodes).toContain('node/k3d-');
  });

  test('has what k3d is given word for word: labels for Traefik on its first server alone, and dollars', async () => {
    expect(await labelsForTraefik(names.cluster)).toEqual({
      'agent-0': {},
      'server-0': traefikLabels(instance, key, 'alice.localhost'),
    });
    const environments = (await nodesOf(names.cluster)).map(({ Config }) => Config.Env);
    expect(environments).toContainEqual(expect.arrayContaining([DOLLARS]));
  });

  test('hands the name servers of this host to its pods', async () => {
    const { stdout } = await run('docker', [
      'exec',
      `k3d-${names.cluster}-server-0`,
      'cat',
      '/etc/ssh-lab-factory/resolv.conf',
    ]);
    expect(stdout).toMatch(/^nameserver \d/m);
    await kubectl('run', 'bare', `--image=${WHOAMI_IMAGE}`, '--image-pull-policy=Never', '--restart=Always');
    await kubectl('wait', 'pod/bare', '--for=condition=Ready', '--timeout=120s');
  });

  test('resumes with its addresses', async () => {
    const before = await clusters.addresses(key, signal);
    await clusters.suspend(key, signal);
    await clusters.suspend(key, signal);
    expect(await clusters.observe(key, signal)).toBe('suspended');
    await clusters.resume(key, () => undefined, signal);
    expect(await clusters.observe(key, signal)).toBe('running');
    expect(await clusters.addresses(key, signal)).toEqual(before);
    expect(await kubectl('get', '--raw', '/readyz')).toBe('ok');
  });

  test('comes back from a stop with its addresses, limits and bare pods', async () => {
    const before = { addresses: await nodeAddresses(names.cluster), limits: await nodeLimits(names.cluster) };
    expect(
      before.limits.every((limits) => limits.join() === `${2 * 2 ** 30},${2 * 2 ** 30},1500000000,3000`),
    ).toBe(true);
    const uid = await kubectl('get', 'pod', 'bare', '-o', 'jsonpath={.metadata.uid}');
    await clusters.suspend(key, signal);
    expect(await clusters.memory(key, signal)).toBeGreaterThan(100 * 2 ** 20);
    await clusters.stop(key, signal);
    expect(await clusters.observe(key, signal)).toBe('stopped');
    expect(await clusters.memory(key, signal)).toBe(0);
    await clusters.start(key, () => undefined, signal);
    expect(await clusters.observe(key, signal)).toBe('running');
    const after = { addresses: await nodeAddresses(names.cluster), limits: await nodeLimits(names.cluster) };
    expect(after).toEqual(before);
    await writeFile(kubeconfigFile, (await clusters.attachment(key, signal)).kubeconfig);
    await kubectl('wait', 'pod/bare', '--for=condition=Ready', '--timeout=120s');
    expect(await kubectl('get', 'pod', 'bare', '-o', 'jsonpath={.metadata.uid}')).toBe(uid);
    expect(await traefikArguments(kubectl)).toContain('--accesslog=true');
  });

  test('comes back from a backup with its addresses, limits and bare pods', async () => {
    const engine = createDockerEngine();
    // The host has changed since, as it may be another factory's.
    const firstServerLabels = () => traefikLabels(instance, key, 'alice.example.org');
    const site = { engine, instance, helperImage: nodeImage, firstServerLabels };
    const silent = () => undefined;
    const before = { addresses: await nodeAddresses(names.cluster), limits: await nodeLimits(names.cluster) };
    const uid = await kubectl('get', 'pod', 'bare', '-o', 'jsonpath={.metadata.uid}');
    await clusters.suspend(key, signal);
    const { workspaces } = await takeInventory(engine, instance, createCreationRecords(folder), signal);
    expect(workspaces.map((one) => one.key)).toEqual([key]);
    for (const one of workspaces) await backUpWorkspace(site, one, folder, silent, signal);
    await clusters.remove(key, signal);

    await restoreWorkspace(site, await openBackup(join(folder, 'alice.k3s')), 'all', silent, signal);
    expect(await clusters.observe(key, signal)).toBe('stopped');
    await clusters.start(key, silent, signal);
    const after = { addresses: await nodeAddresses(names.cluster), limits: await nodeLimits(names.cluster) };
    expect(after).toEqual(before);
    expect(await labelsForTraefik(names.cluster)).toEqual({ 'agent-0': {}, 'server-0': firstServerLabels() });
    await kubectl('wait', 'pod/bare', '--for=condition=Ready', '--timeout=120s');
    expect(await kubectl('get', 'pod', 'bare', '-o', 'jsonpath={.metadata.uid}')).toBe(uid);
    expect((await kubectl('get', 'nodes', '--no-headers')).match(/ Ready /g)).toHaveLength(2);
  });

  test('leaves nothing behind, even with a stranger in its network', async () => {
    const volumes = await volumesOf(names.cluster);
    const { address, network } = await clusters.attachment(key, signal);
    const stranger = await docker.createContainer({
      Image: WHOAMI_IMAGE,
      Labels: { [LABEL.instance]: instance },
      NetworkingConfig: { EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: address } } } },
      HostConfig: { NetworkMode: network },
    });
    await stranger.start();
    await clusters.suspend(key, signal);
    await clusters.remove(key, signal);
    await stranger.remove({ force: true });
    expect(await clusters.observe(key, signal)).toBe('absent');
    expect(await clusters.list(signal)).toEqual([]);
    const left = (await docker.listVolumes()).Volumes.map((volume) => volume.Name);
    expect(volumes.length).toBeGreaterThan(0);
    expect(left.filter((name) => volumes.includes(name))).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.includes(names.cluster))).toEqual([]);
  });
});

describe('a creation that does not end well', { timeout: 400_000 }, () => {
  test('is recognised after the factory was killed in the middle, and can be removed', async () => {
    const key = workspace('bob', 'k3s');
    const names = dockerNames(instance, key);
    const factory = spawn(process.execPath, [creationProgram, instance, folder, key.user], {
      stdio: 'inherit',
    });
    await expect.poll(() => nodesOf(names.cluster), { timeout: 120_000, interval: 20 }).not.toEqual([]);
    factory.kill('SIGKILL');

    const later = clustersWith();
    expect(await later.observe(key, limit())).toBe('incomplete');
    expect(await later.list(limit())).toEqual([key]);
    await later.create(key, definition, NOTHING_GIVEN, () => undefined, limit());
    expect(await later.observe(key, limit())).toBe('running');
    await later.remove(key, limit());
    expect(await later.list(limit())).toEqual([]);
  });

  test('is recognised when all there is of it is a network', async () => {
    const key = workspace('frank', 'k3s');
    const names = dockerNames(instance, key);
    const network = await docker.createNetwork({ Name: names.clusterNetwork });
    expect(await clustersWith().observe(key, limit())).toBe('incomplete');
    await clustersWith().remove(key, limit());
    expect(await clustersWith().observe(key, limit())).toBe('absent');
    await expect(network.inspect()).rejects.toThrow();
  });

  test('is undone when it is aborted', async () => {
    const key = workspace('carol', 'k3s');
    const abort = new AbortController();
    const reason = new Error('the student left');
    const creation = clustersWith().create(
      key,
      definition,
      NOTHING_GIVEN,
      (step) => step === 'starting Kubernetes' && abort.abort(reason),
      abort.signal,
    );
    await expect(creation).rejects.toBe(reason);
    expect(await clustersWith().observe(key, limit())).toBe('absent');
  });

  test('says why, and keeps the log', async () => {
    const key = workspace('dave', 'k3s');
    const options = {
      k3s: {
        extraArgs: [{ arg: '--kube-apiserver-arg=no-such-flag=1', nodeFilters: ['server:*'] }],
        nodeLabels: [],
      },
    };
    const failureWithin = (seconds: number): Promise<unknown> => {
      const dies = { ...definition, startTimeout: seconds * 1000, options };
      const creation = clustersWith().create(key, dies, NOTHING_GIVEN, () => undefined, limit());
      return creation.then(
        () => 'created',
        (error: unknown) => error,
      );
    };
    let seconds = 30;
    let failure = await failureWithin(seconds);
    // On a busy machine the steps before may take all of the time.
    while (seconds < 120 && !String(failure).includes('while starting Kubernetes')) {
      seconds *= 2;
      failure = await failureWithin(seconds);
    }
    expect(failure).toMatchObject({
      code: 'CLUSTER_FAILED',
      message: expect.stringMatching(new RegExp(`while starting Kubernetes.* ${seconds} s`)),
      detail: expect.stringMatching(/k3d-dave-/),
    });
    expect(await clustersWith().observe(key, limit())).toBe('absent');
    expect(await readdir(join(folder, 'logs'))).toContain(`${dockerNames(instance, key).cluster}.log`);
  });

  test('is refused while the disk is nearly full, or k3d is missing', async () => {
    const key = workspace('erin', 'k3s');
    const full = clustersWith({ minFreeDisk: Number.MAX_SAFE_INTEGER });
    await expect(full.create(key, definition, NOTHING_GIVEN, () => undefined, limit())).rejects.toMatchObject(
      {
        code: 'DISK_NEARLY_FULL',
      },
    );
    const without = clustersWith({ k3d: '/nowhere/k3d' });
    await expect(
      without.create(key, definition, NOTHING_GIVEN, () => undefined, limit()),
    ).rejects.toMatchObject({
      code: 'K3D_MISSING',
    });
  });
});

/** As long as a test may take. */
function limit(): AbortSignal {
  return AbortSignal.timeout(400_000);
}

async function nodesOf(cluster: string) {
  const label = [`k3d.cluster=${cluster}`, 'k3d.role'];
  const all = await docker.listContainers({ all: true, filters: { label } });
  const nodes = all.filter((node) => node.Labels['k3d.role'] !== 'noRole');
  return Promise.all(nodes.map((node) => docker.getContainer(node.Id).inspect()));
}

/** By node, without k3d's prefix. */
async function labelsForTraefik(cluster: string): Promise<Record<string, Record<string, string>>> {
  const nodes = await nodesOf(cluster);
  const labelsOf = (labels: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(labels).filter(([name]) => name.startsWith('traefik.')));
  return Object.fromEntries(
    nodes.map(({ Name, Config }) => [Name.replace(`/k3d-${cluster}-`, ''), labelsOf(Config.Labels)]),
  );
}

async function nodeAddresses(cluster: string): Promise<readonly string[]> {
  const nodes = await nodesOf(cluster);
  return nodes
    .map((node) => `${node.Name} ${node.NetworkSettings.Networks[`k3d-${cluster}`]?.IPAddress}`)
    .sort();
}

/** Looks for a free subnet before another factory makes its network, and is asked once that has it. */
async function poolThatIsLate(signal: AbortSignal): Promise<{ subnets: SubnetPool } & AsyncDisposable> {
  const pool = createSubnetPool({ engine: createDockerEngine(), within: SUBNETS });
  using lost = await pool.reserve(signal, 'any');
  const network = await docker.createNetwork({
    Name: `${instance}-another-factory`,
    IPAM: { Config: [{ Subnet: lost.cidr }] },
  });
  const found = { ...lost, [Symbol.dispose]: () => {} };
  return {
    subnets: {
      reserve: async (one, which) => (which === 'lowest' ? found : pool.reserve(one, which)),
    },
    [Symbol.asyncDispose]: () => network.remove(),
  };
}

async function nodeLimits(cluster: string): Promise<ReadonlyArray<ReadonlyArray<number | undefined | null>>> {
  const nodes = await nodesOf(cluster);
  return nodes.map(({ HostConfig }) => [
    HostConfig.Memory,
    HostConfig.MemorySwap,
    HostConfig.NanoCpus,
    HostConfig.PidsLimit,
  ]);
}

async function volumesOf(cluster: string): Promise<readonly string[]> {
  const nodes = await nodesOf(cluster);
  return nodes.flatMap((node) =>
    node.Mounts.flatMap((mount) => (mount.Type === 'volume' ? (mount.Name ?? []) : [])),
  );
}
