import { expect, test } from 'vitest';
import { isIngressNew, untilServicesReady, untilServicesResumed } from './readiness.ts';

/** RFC 5737: nobody has it. */
const NOWHERE = '192.0.2.1';

const cluster = {
  api: { get: async () => undefined },
  ingress: NOWHERE,
  nodes: 1,
  startedAt: new Date(),
};

test.each([
  ['ingress', { dns: false, ingress: false }, { dns: false, ingress: true }],
  ['DNS', { dns: false, ingress: false }, { dns: true, ingress: false }],
])(
  'a cluster without %s does not wait for it; one that should have it does',
  async (_, without, packaged) => {
    await untilServicesReady({ ...cluster, packaged: without }, () => {}, AbortSignal.timeout(30_000));
    const impatient = AbortSignal.timeout(1_000);
    await expect(untilServicesReady({ ...cluster, packaged }, () => {}, impatient)).rejects.toThrow(
      'timeout',
    );
  },
);

function seconds(fromStart: number): Date {
  return new Date(cluster.startedAt.getTime() + fromStart * 1000);
}

/** All of 127.0.0.0/8 is the loopback; nothing listens here. */
const REFUSES = '127.254.254.254';

function traefikPods(ready: 'True' | 'False', startedAt: Date): string {
  const conditions = [{ type: 'Ready', status: ready }];
  const containerStatuses = [{ state: { running: { startedAt } } }];
  return JSON.stringify({ items: [{ status: { conditions, containerStatuses } }] });
}

test('an ingress at which nothing listens is not there after a pause, and is to come after a start', async () => {
  // No DNS pods: nobody waits for DNS.
  const api = { get: async () => '{"items":[]}' };
  await untilServicesResumed({ api, ingress: REFUSES }, AbortSignal.timeout(30_000));
  const started = { ...cluster, api, ingress: REFUSES, packaged: { dns: false, ingress: true } };
  const waiting = untilServicesReady(started, () => {}, AbortSignal.timeout(500));
  await expect(waiting).rejects.toThrow('timeout');
});

test.each([
  ['is of before the start', traefikPods('True', seconds(-60)), false],
  ['is not Ready yet', traefikPods('False', seconds(1)), false],
  ['is Ready since the start', traefikPods('True', seconds(1)), true],
  ['is not there: something else answers', '{"items":[]}', true],
  ['is not to be seen, as the API does not answer', undefined, false],
])('an ingress whose pod %s', async (_, pods, counts) => {
  const api = { get: async () => pods };
  expect(await isIngressNew({ ...cluster, api }, AbortSignal.timeout(30_000))).toBe(counts);
});
