import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OperationRuns } from './operation-runs.ts';

const MIB = 2 ** 20;

let runs: OperationRuns;
beforeEach(() => {
  runs = new OperationRuns();
});
afterEach(() => runs.close());

const ask = (what: string, work: () => Promise<unknown> = async () => undefined, id: string = randomUUID()) =>
  runs.ask({ id, what, lane: undefined, work });

test('an id means one request: the same one joins it, to the last letter, and another is refused', async () => {
  const first = ask('create {"a":1}', undefined, 'an-id-00');
  expect(ask('create {"a":1}', undefined, 'an-id-00')).toBe(first);
  await first.outcome;
  expect(ask('create {"a":1}', undefined, 'an-id-00')).toBe(first);
  const other = () => ask('create {"a":2}', undefined, 'an-id-00');
  expect(other).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
});

test('of operations that are over the outcomes are kept, and not what was asked for', async () => {
  const before = memoryInUse();
  const held: WeakRef<object>[] = [];
  const askLargest = () => {
    const body = { files: ['a large file'] };
    held.push(new WeakRef(body));
    const what = JSON.stringify({ content: 'x'.repeat(4 * MIB) });
    return ask(what, async () => body.files.length).outcome;
  };
  for (let each = 0; each < 20; each += 1) expect(await askLargest()).toEqual({ kind: 'done', result: 1 });
  // What a promise has told lives on to the end of the task.
  await new Promise(setImmediate);
  expect(memoryInUse() - before).toBeLessThan(8 * MIB);
  expect(held.filter((each) => each.deref() !== undefined)).toEqual([]);
});

/** After a collection; bytes. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('a collector');
  collect();
  return process.memoryUsage().heapUsed;
}
