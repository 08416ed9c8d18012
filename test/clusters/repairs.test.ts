import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { listAside, removeAside } from '../../src/clusters/k3d/aside/set-aside.ts';
import { createDockerEngine, type DockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { NOTHING_GIVEN } from '../../src/labs/lab-definition.ts';
import { dockerNames } from '../../src/names/docker-names.ts';
import { docker } from '../e2e/harness/docker.ts';
import { eventually } from '../e2e/harness/eventually.ts';
import { hostKubectl } from '../e2e/harness/host-kubectl.ts';
import { freshInstance, workspace } from '../fresh-names.ts';
import { definition, testClusters } from './create-cluster.ts';

const instance = freshInstance();
const folder = mkdtempSync(join(tmpdir(), 'repairs-'));
/** What the clusters warn of, a line of the log each. */
const warnings: string[] = [];
const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
const clusters = testClusters(instance, folder, { logger });
const key = workspace('alice', 'k3s');
const names = dockerNames(instance, key);
const server = `k3d-${names.cluster}-server-0`;
const agent = `k3d-${names.cluster}-agent-0`;
const network = names.clusterNetwork;
const silent = () => undefined;
const kubeconfigFile = join(folder, 'admin.yaml');
const kubectl = (...args: string[]) => hostKubectl(kubeconfigFile, ...args);

afterAll(async () => {
  await clusters.remove(key, limit());
  await removeAside({ engine: createDockerEngine(), instance, folder }, new Date(Date.now() + 1000), limit());
  await rm(folder, { recursive: true, force: true });
}, 300_000);

/** Since it was asked last: the wait for DNS and ingress was given up. */
const wasGivenUp = () => warnings.splice(0).some((line) => line.includes('DNS or ingress'));

describe('one cluster through what happens to Docker, to its nodes and in it', { timeout: 400_000 }, () => {
  let addresses: readonly string[];

  beforeAll(async () => {
    await clusters.create(key, { ...definition, agents: 1 }, NOTHING_GIVEN, silent, limit());
    await takeKubeconfig();
    addresses = await nodeAddresses();
    expect(addresses.every((address) => /^10\./.test(address))).toBe(true);
  }, 400_000);

  test('its network was pruned while it was stopped', async () => {
    await clusters.stop(key, limit());
    await docker(['network', 'rm', network]);
    await clusters.start(key, silent, limit());
    await isWhole();
  });

  test('its network was pruned and made again by hand, with other addresses', async () => {
    await clusters.stop(key, limit());
    await docker(['network', 'rm', network]);
    await docker(['network', 'create', network]);
    await clusters.start(key, silent, limit());
    await isWhole();
  });

  test('something else has its addresses: it says so, and starts when they are free again', async () => {
    const format = '{{(index .IPAM.Config 0).Subnet}}';
    const subnet = await docker(['network', 'inspect', '--format', format, network]);
    await clusters.stop(key, limit());
    await docker(['network', 'rm', network]);
    const squatter = `${network}-squatter`;
    await docker(['network', 'create', '--subnet', subnet.trim(), squatter]);
    await expect(clusters.start(key, silent, limit())).rejects.toMatchObject({
      code: 'SUBNET_TAKEN',
      message: expect.stringContaining('remove that'),
    });
    await docker(['network', 'rm', squatter]);
    await clusters.start(key, silent, limit());
    await isWhole();
  });

  test('a stopped node was taken out of its network, and put back at another address', async () => {
    await clusters.stop(key, limit());
    await docker(['network', 'disconnect', '--force', network, agent]);
    await docker(['network', 'disconnect', '--force', network, server]);
    await docker(['network', 'connect', '--ip', addresses[1]?.replace(/\d+$/, '9') ?? '', network, server]);
    await clusters.start(key, silent, limit());
    await isWhole();
  });

  test('a node lost its network while it was paused', async () => {
    await clusters.suspend(key, limit());
    await docker(['network', 'disconnect', '--force', network, agent]);
    await clusters.resume(key, silent, limit());
    await isWhole();
  });

  test('its nodes were killed, as in a power cut', async () => {
    await docker(['kill', server, agent]);
    expect(await clusters.observe(key, limit())).toBe('stopped');
    await clusters.start(key, silent, limit());
    await isWhole();
  });

  test('Docker restarted its server: the access that k3s wrote anew is taken over', async () => {
    const before = certificateOf((await clusters.attachment(key, limit())).kubeconfig);
    expect(before).toBe(await certificateInNode());
    await docker(['restart', '--time', '5', server]);
    expect(await clusters.observe(key, limit())).toBe('restarted');
    await clusters.resume(key, silent, limit());
    expect(await clusters.observe(key, limit())).toBe('running');
    const after = certificateOf((await clusters.attachment(key, limit())).kubeconfig);
    expect(after).toBe(await certificateInNode());
    expect(after).not.toBe(before);
    expect(certificateOf(await clusters.publicKubeconfig(key, limit()))).toBe(after);
    await takeKubeconfig();
    await isWhole();
  });

  test('a stop and a start take over the access that k3s wrote anew', async () => {
    const before = certificateOf((await clusters.attachment(key, limit())).kubeconfig);
    await clusters.stop(key, limit());
    await clusters.start(key, silent, limit());
    const after = certificateOf((await clusters.attachment(key, limit())).kubeconfig);
    expect(after).toBe(await certificateInNode());
    expect(after).not.toBe(before);
    expect(certificateOf(await clusters.publicKubeconfig(key, limit()))).toBe(after);
  });

  test('its owner took DNS and ingress away: a resume does not wait for them', async () => {
    const deployments = ['deployment/coredns', 'deployment/traefik'];
    await kubectl('-n', 'kube-system', 'scale', ...deployments, '--replicas=0');
    await untilNoPod('k8s-app=kube-dns');
    await untilNoPod('app.kubernetes.io/name=traefik');
    const { ingress } = await clusters.addresses(key, limit());
    const refuses = () => fetch(`http://${ingress}/`).then(() => false, isRefusal);
    await eventually(refuses, { what: 'nothing listens for the ingress', within: 60_000 });
    // A busy machine may take all of the time that a resume has for DNS and ingress, but not each time.
    let givenUp = true;
    for (let times = 0; givenUp && times < 3; times++) givenUp = await isResumedWithoutServices();
    expect(givenUp).toBe(false);
    await kubectl('-n', 'kube-system', 'scale', ...deployments, '--replicas=1');
    await kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s');
  });

  test('its owner broke DNS: a resume ends all the same, a little later', async () => {
    await kubectl('-n', 'kube-system', 'scale', 'deployment/coredns', '--replicas=0');
    await untilNoPod('k8s-app=kube-dns');
    await kubectl('-n', 'kube-system', 'set', 'image', 'deployment/coredns', 'coredns=none.invalid/none:1');
    await kubectl('-n', 'kube-system', 'scale', 'deployment/coredns', '--replicas=1');
    const exists = async () =>
      (await kubectl('-n', 'kube-system', 'get', 'pods', '-l', 'k8s-app=kube-dns', '-o', 'name')) !== '';
    await eventually(exists, { what: 'there is a pod of DNS' });
    expect(await isResumedWithoutServices()).toBe(true);
    expect(await clusters.observe(key, limit())).toBe('running');
    await kubectl('-n', 'kube-system', 'rollout', 'undo', 'deployment/coredns');
    await kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s');
  });

  test('its access is read while k3s writes it', async () => {
    const inNode = (command: string) => docker(['exec', server, 'sh', '-c', `cd /output && ${command}`]);
    const begin = () => inNode('cp kubeconfig.yaml whole.yaml && truncate --size 0 kubeconfig.yaml');
    const end = () => inNode('cat whole.yaml > kubeconfig.yaml && rm whole.yaml');
    const engine = createDockerEngine();
    let reads = 0;
    const writing: DockerEngine = {
      call: engine.call,
      async callUnless(statuses, call) {
        const isRead = call.what === 'read /output/kubeconfig.yaml of a container';
        // However long this takes: the first read is of the empty file, the second of the whole one.
        if (isRead && ++reads === 2) await end();
        return engine.callUnless(statuses, call);
      },
    };
    await begin();
    const fresh = testClusters(instance, folder, { engine: writing });
    const { kubeconfig } = await fresh.attachment(key, limit());
    expect(reads).toBeGreaterThan(1);
    expect(certificateOf(kubeconfig)).toBe(await certificateInNode());
  });

  test('its owner put something endless where the access was', async () => {
    await docker(['exec', server, 'truncate', '--size', '40G', '/output/kubeconfig.yaml']);
    const fresh = testClusters(instance, folder);
    // The most there ever was, KiB: what other tests leave to the collector can only make the difference smaller.
    const before = process.resourceUsage().maxRSS;
    await expect(fresh.attachment(key, limit())).rejects.toMatchObject({ code: 'CLUSTER_FAILED' });
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(500 * 2 ** 10);
    await clusters.stop(key, limit());
    await clusters.start(key, silent, limit());
    await isWhole();
  });

  test('an agent is gone, and DNS was on it: it starts without it, and DNS runs on what is left', async () => {
    await kubectl('cordon', server);
    await kubectl('-n', 'kube-system', 'rollout', 'restart', 'deployment/coredns');
    await eventually(() => isDnsOn(agent), { what: 'DNS is on the agent', within: 120_000 });
    await kubectl('uncordon', server);
    await clusters.stop(key, limit());
    await docker(['rm', '--force', '--volumes', agent]);
    expect(await clusters.observe(key, limit())).toBe('stopped');
    await clusters.start(key, silent, limit());
    expect(await kubectl('get', '--raw', '/readyz')).toBe('ok');
    expect(await kubectl('get', 'nodes', '-o', 'name')).toBe(`node/${server}`);
    await eventually(() => isDnsOn(server), { what: 'DNS is on the server', within: 60_000 });
    await kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s');
  });

  test('its data is spoilt, so that it ends by itself: it says so, and at the second time that it will not start again', async () => {
    const certificates = '/var/lib/rancher/k3s/server/tls';
    await docker(['exec', server, 'sh', '-c', `echo spoilt > ${certificates}/server-ca.crt`]);
    await clusters.stop(key, limit());
    const began = Date.now();
    await expect(clusters.start(key, silent, limit())).rejects.toMatchObject({
      code: 'CLUSTER_FAILED',
      message: expect.stringMatching(/server-0 ended by itself: exit code \d/),
    });
    // k3d itself would wait for all of the time that a start may take.
    expect(Date.now() - began).toBeLessThan(definition.startTimeout);
    expect(await clusters.observe(key, limit())).toBe('stopped');
    await expect(clusters.start(key, silent, limit())).rejects.toMatchObject({
      code: 'CLUSTER_BROKEN',
      message: expect.stringMatching(/ended by itself.*Reset the cluster/),
    });
  });

  test('it is set aside, a new one takes its place, and what was in the old one is kept', async () => {
    await clusters.setAside(key, limit());
    await clusters.create(key, definition, NOTHING_GIVEN, silent, limit());
    await takeKubeconfig();
    expect(await kubectl('get', '--raw', '/readyz')).toBe('ok');
    const [kept] = await listAside({ engine: createDockerEngine(), instance, folder }, limit());
    expect(kept?.blueprint?.nodes.map(({ role }) => role)).toContain('server');
    const volume = kept?.volumes.find(({ path }) => path === '/var/lib/rancher/k3s')?.volume ?? '';
    const image = await docker(['inspect', '--format', '{{.Config.Image}}', server]);
    const look = ['--rm', '--network', 'none', '--volume', `${volume}:/kept:ro`, '--entrypoint', 'cat'];
    const spoilt = await docker(['run', ...look, image.trim(), '/kept/server/tls/server-ca.crt']);
    expect(spoilt.trim()).toBe('spoilt');
  });

  test('its server is gone: only a reset helps, and that is what it says', async () => {
    await clusters.remove(key, limit());
    await clusters.create(key, { ...definition, agents: 1 }, NOTHING_GIVEN, silent, limit());
    await docker(['rm', '--force', '--volumes', server]);
    expect(await clusters.observe(key, limit())).toBe('stopped');
    await expect(clusters.start(key, silent, limit())).rejects.toMatchObject({
      code: 'CLUSTER_BROKEN',
      message: expect.stringContaining('reset the cluster'),
    });
    await clusters.setAside(key, limit());
    expect(await clusters.observe(key, limit())).toBe('absent');
  });

  /** Suspends and resumes it; whether the wait for DNS and ingress was given up. */
  async function isResumedWithoutServices(): Promise<boolean> {
    await clusters.suspend(key, limit());
    wasGivenUp();
    await clusters.resume(key, silent, limit());
    return wasGivenUp();
  }

  async function isWhole(): Promise<void> {
    expect(await nodeAddresses()).toEqual(addresses);
    expect(await clusters.observe(key, limit())).toBe('running');
    await takeKubeconfig();
    const nodes = await kubectl('get', 'nodes', '--no-headers');
    expect(nodes.match(/ Ready /g)).toHaveLength(2);
    const { ingress } = await clusters.addresses(key, limit());
    const answers = async () => (await fetch(`http://${ingress}/`)).status === 404;
    await eventually(answers, { what: 'the ingress answers' });
  }
});

/** Alone there. */
async function isDnsOn(node: string): Promise<boolean> {
  const where = 'jsonpath={.items[*].spec.nodeName}';
  return (await kubectl('-n', 'kube-system', 'get', 'pods', '-l', 'k8s-app=kube-dns', '-o', where)) === node;
}

async function untilNoPod(label: string): Promise<void> {
  await kubectl('-n', 'kube-system', 'wait', 'pod', '-l', label, '--for=delete', '--timeout=120s');
}

function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

function limit(): AbortSignal {
  return AbortSignal.timeout(300_000);
}

async function takeKubeconfig(): Promise<void> {
  await writeFile(kubeconfigFile, (await clusters.attachment(key, limit())).kubeconfig);
}

function certificateOf(kubeconfig: string): string {
  return parse(kubeconfig).users[0].user['client-certificate-data'];
}

async function certificateInNode(): Promise<string> {
  return certificateOf(await docker(['exec', server, 'cat', '/output/kubeconfig.yaml']));
}

/** Of agent and server, as Docker has them. */
async function nodeAddresses(): Promise<readonly string[]> {
  const format = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
  const found = await docker(['inspect', '--format', format, agent, server]);
  return found.trim().split('\n');
}
