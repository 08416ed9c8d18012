import { expect, test } from 'vitest';
import { type RemovalStep, takeSteps } from './removal-step.ts';

const step = (name: string, remove: RemovalStep['remove']): RemovalStep => ({ kind: 'volume', name, remove });
const refused = () => Promise.reject(new Error('in use'));
const done = () => Promise.resolve();

test('one that fails keeps none of the others, and is told with its reason', async () => {
  const steps = [step('a', done), step('b', refused), step('c', done)];
  const begun: string[] = [];
  const outcome = await takeSteps(steps, ({ name }) => begun.push(name), new AbortController().signal);
  expect(begun).toEqual(['a', 'b', 'c']);
  expect(outcome.removed.map(({ name }) => name)).toEqual(['a', 'c']);
  expect(outcome.failed.map((one) => `${one.step.name}: ${one.reason.message}`)).toEqual(['b: in use']);
});

test('who ends it gets no report of things that were never tried', async () => {
  const stop = new AbortController();
  const ended = step('a', () => {
    stop.abort(new Error('Ctrl-C'));
    return refused();
  });
  await expect(takeSteps([ended, step('b', done)], () => undefined, stop.signal)).rejects.toThrow('Ctrl-C');
});
