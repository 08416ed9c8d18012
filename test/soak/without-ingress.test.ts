import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NOTHING_GIVEN } from '../../src/labs/lab-definition.ts';
import { definition, testClusters } from '../clusters/create-cluster.ts';
import { freshInstance, workspace } from '../fresh-names.ts';

const instance = freshInstance();
const folder = mkdtempSync(join(tmpdir(), 'without-ingress-'));
const clusters = testClusters(instance, folder);
const signal = AbortSignal.timeout(600_000);

afterAll(async () => {
  for (const key of await clusters.list(signal)) await clusters.remove(key, signal);
  await rm(folder, { recursive: true, force: true });
}, 300_000);

test('a cluster to whose Traefik nothing leads is of use without it, and comes back', {
  timeout: 600_000,
}, async () => {
  const key = workspace('alice', 'k3s');
  const steps: string[] = [];
  const progress = (step: string) => steps.push(step);
  const extraArgs = [{ arg: '--disable=servicelb,local-storage', nodeFilters: ['server:*'] }];
  await clusters.create(
    key,
    { ...definition, options: { k3s: { extraArgs, nodeLabels: [] } } },
    NOTHING_GIVEN,
    progress,
    signal,
  );
  const { ingress } = await clusters.addresses(key, signal);
  await expect(fetch(`http://${ingress}/`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });

  await clusters.suspend(key, signal);
  await clusters.resume(key, progress, signal);
  expect(await clusters.observe(key, signal)).toBe('running');
  await clusters.stop(key, signal);
  await clusters.start(key, progress, signal);
  expect(await clusters.observe(key, signal)).toBe('running');
  expect(steps).toContain('waiting for DNS');
  expect(steps.filter((step) => step.includes('ingress'))).toEqual([]);
});
