import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMessages } from '../http/server-sent-events.ts';
import { goodToken } from './testing/caller-tokens.ts';
import { workspace } from './testing/fake-clusters.ts';
import { type ServedApi, serveApi } from './testing/served-api.ts';

let served: ServedApi;
beforeEach(async () => {
  served = await serveApi();
});
afterEach(() => served[Symbol.asyncDispose]());

test('of a workspace that nobody knows yet it is told what is done for it', async () => {
  const key = workspace('newcomer', 'k3s');
  const { clusters } = served;
  clusters.before = async () => {
    for (const step of ['pulling the image', 'starting Kubernetes']) {
      clusters.setPhase(key, {
        kind: 'working',
        action: 'create',
        step,
        since: Date.now(),
        overdueAt: Number.POSITIVE_INFINITY,
      });
      // A reader gets what is newest when it looks.
      await new Promise(setImmediate);
    }
  };
  expect(clusters.snapshot(key)).toBeUndefined();
  const token = await goodToken({ role: 'admin', name: 'root' }, served.mint);
  const answer = await fetch(`${served.url}/api/v1/clusters/newcomer/k3s`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    signal: AbortSignal.timeout(20_000),
  });
  const body = answer.body ?? expect.fail('a body');
  const told: unknown[] = [];
  for await (const { event, data } of readMessages(body.pipeThrough(new TextDecoderStream()))) {
    told.push([event, data]);
  }
  const progress = (step: string) => ['progress', { part: 'cluster', action: 'create', step }];
  expect(told).toMatchObject([
    progress('pulling the image'),
    progress('starting Kubernetes'),
    ['ready', { user: 'newcomer', state: 'running' }],
  ]);
  expect(clusters.listeners).toBe(0);
});
