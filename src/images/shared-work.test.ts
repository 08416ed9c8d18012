import { expect, test } from 'vitest';
import { SharedWork } from './shared-work.ts';

function controlledPulls() {
  const started: { signal: AbortSignal; finish: (error?: Error) => void }[] = [];
  const pulls = new SharedWork((_image: string, progress, signal) => {
    progress('pulling');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    started.push({ signal, finish: (error) => (error ? reject(error) : resolve()) });
    return promise;
  }, String);
  return { pulls, started };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('who comes later joins the pull and hears where it is', async () => {
  const { pulls, started } = controlledPulls();
  const steps: string[] = [];
  const signal = new AbortController().signal;
  const first = pulls.join('image', () => undefined, signal);
  await settled();
  const second = pulls.join('image', (step) => steps.push(step), signal);
  started[0]?.finish();
  await Promise.all([first, second]);
  expect(started).toHaveLength(1);
  expect(steps).toEqual(['pulling']);
});

test('one who gives up does not end the pull of the others; the last one does', async () => {
  const { pulls, started } = controlledPulls();
  const [one, other] = [new AbortController(), new AbortController()];
  const first = pulls.join('image', () => undefined, one.signal);
  const second = pulls.join('image', () => undefined, other.signal);
  await settled();
  one.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  expect(started[0]?.signal.aborted).toBe(false);
  other.abort(new Error('gone, too'));
  await expect(second).rejects.toThrow('gone, too');
  expect(started[0]?.signal.aborted).toBe(true);
});

test('after a failure the next one pulls again', async () => {
  const { pulls, started } = controlledPulls();
  const signal = new AbortController().signal;
  const first = pulls.join('image', () => undefined, signal);
  await settled();
  started[0]?.finish(new Error('denied'));
  await expect(first).rejects.toThrow('denied');
  const second = pulls.join('image', () => undefined, signal);
  await settled();
  started[1]?.finish();
  await expect(second).resolves.toBeUndefined();
});
