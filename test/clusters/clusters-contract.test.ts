import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { MemoryHost } from '../../src/cluster-service/testing/memory-host.ts';
import { ServicePair } from '../../src/cluster-service/testing/service-pair.ts';
import { NOTHING_GIVEN } from '../../src/labs/lab-definition.ts';
import { labNamed } from '../../src/labs/testing/lab-named.ts';
import type { Clusters } from '../../src/workspaces/ports/clusters.ts';
import { eventually } from '../e2e/harness/eventually.ts';
import { hostKubectl } from '../e2e/harness/host-kubectl.ts';
import { freshInstance, workspace } from '../fresh-names.ts';
import { definition, testClusters } from './create-cluster.ts';

/*
 * What whoever implements `Clusters` has to keep, held against k3d itself and against k3d behind the cluster service.
 */

const key = workspace('alice', 'k3s');
const LAB = { ...labNamed('k3s'), cluster: definition };

describe.each(['local', 'remote'] as const)('%s clusters', (place) => {
  const stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clusters-contract-'));
  const local = testClusters(freshInstance(), folder);
  let signal: AbortSignal;
  let clusters: Clusters;

  beforeEach(() => {
    signal = AbortSignal.timeout(400_000);
  });

  afterAll(async () => {
    await local.remove(key, AbortSignal.timeout(120_000));
    await stack.disposeAsync();
    await rm(folder, { recursive: true, force: true });
  }, 150_000);

  test('a cluster is created, and of use when it is', async () => {
    clusters = place === 'local' ? local : await behindTheService(local, stack);
    expect(await clusters.observe(key, signal)).toBe('absent');
    expect(await clusters.list(signal)).toEqual([]);
    expect(await clusters.nodes(key, signal)).toEqual([]);
    const steps: string[] = [];
    await clusters.create(key, definition, NOTHING_GIVEN, (step) => steps.push(step), signal);
    expect(steps).toEqual(expect.arrayContaining(['creating its node', 'waiting for DNS and ingress']));
    expect(await clusters.observe(key, signal)).toBe('running');
    expect(await clusters.list(signal)).toEqual([key]);
    const { kubeconfig } = await clusters.attachment(key, signal);
    const file = join(folder, 'admin.yaml');
    await writeFile(file, kubeconfig);
    expect(await hostKubectl(file, 'get', 'nodes', '--no-headers')).toMatch(/ Ready /);
    const { ingress } = await clusters.addresses(key, signal);
    const answers = async () => (await fetch(`http://${ingress}/`)).status === 404;
    await eventually(answers, { what: 'the ingress answers' });
  }, 300_000);

  test('what there is to know of it is known', async () => {
    // A question that Kubernetes has no time to answer tells nothing, and is asked again.
    const seen = async () => {
      const nodes = await clusters.nodes(key, signal);
      return nodes[0]?.ready !== undefined && nodes;
    };
    const [node, ...others] = await eventually(seen, { what: 'Kubernetes tells whether the node is Ready' });
    expect(node).toMatchObject({ name: 'server-0', role: 'server', state: 'running', ready: true });
    expect(others).toEqual([]);
    expect(await clusters.memory(key, signal)).toBeGreaterThan(50 * 2 ** 20);
    expect(await clusters.publicKubeconfig(key, signal)).toContain('https://127.0.0.1:7443');
    const logs = await clusters.logs(key, { lines: 5 }, signal);
    expect(logs.nodes.map(({ lines }) => lines.length)).toEqual([5]);
    expect(logs.kept).toBeUndefined();
  }, 120_000);

  test('it is paused, resumed, stopped, started and removed; each twice', async () => {
    for (const step of ['suspend', 'resume', 'stop', 'start', 'remove'] as const) {
      for (let times = 0; times < 2; times += 1) {
        if (step === 'resume' || step === 'start') await clusters[step](key, () => {}, signal);
        else await clusters[step](key, signal);
      }
      const after = {
        suspend: 'suspended',
        resume: 'running',
        stop: 'stopped',
        start: 'running',
        remove: 'absent',
      };
      expect(await clusters.observe(key, signal)).toBe(after[step]);
    }
  }, 400_000);

  test('what cannot be fails with the same code', async () => {
    await expect(clusters.addresses(key, signal)).rejects.toMatchObject({ name: 'FactoryError' });
    const aborted = AbortSignal.abort(new Error('not any more'));
    await expect(clusters.create(key, definition, NOTHING_GIVEN, () => {}, aborted)).rejects.toThrow(
      'not any more',
    );
    expect(await clusters.observe(key, signal)).toBe('absent');
  }, 120_000);
});

async function behindTheService(clusters: Clusters, stack: AsyncDisposableStack): Promise<Clusters> {
  const { host } = stack.use(new MemoryHost());
  const pair = stack.use(
    await ServicePair.start({ host: { ...host, clusters }, labs: { resolve: () => LAB } }),
  );
  return (await pair.client()).clusters;
}
