import { expect, test } from 'vitest';
import { untilServicesReady, untilServicesResumed } from './readiness.ts';

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

test('an ingress at which nothing listens is not there after a pause, and is to come after a start', async () => {
  // All of 127.0.0.0/8 is the loopback; no DNS pods: nobody waits for DNS.
  const resumed = { api: { get: async () => '{"items":[]}' }, ingress: '127.254.254.254' };
  await untilServicesResumed({ ...resumed, isToStart: false }, AbortSignal.timeout(30_000));
  const waiting = untilServicesResumed({ ...resumed, isToStart: true }, AbortSignal.timeout(500));
  await expect(waiting).rejects.toThrow('timeout');
});
