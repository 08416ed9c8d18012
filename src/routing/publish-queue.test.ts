import { expect, test } from 'vitest';
import { createPublishQueue } from './publish-queue.ts';

const signal = new AbortController().signal;

test('callers that come while one publication runs share the next, and one that fails does not stop it', async () => {
  const runs: Array<PromiseWithResolvers<void>> = [];
  const queue = createPublishQueue(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const first = queue.publish(signal);
  await expect.poll(() => runs.length).toBe(1);
  const second = queue.publish(signal);
  const third = queue.publish(signal);
  runs[0]?.reject(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await expect.poll(() => runs.length).toBe(2);
  runs[1]?.resolve();
  await Promise.all([second, third]);
  expect(runs.length).toBe(2);
});

test('a caller that gives up does not wait', async () => {
  const queue = createPublishQueue(() => new Promise(() => undefined));
  const abort = new AbortController();
  const waiting = queue.publish(abort.signal);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
