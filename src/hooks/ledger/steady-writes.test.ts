import { expect, test } from 'vitest';
import { createLogger } from '../../logging/logger.ts';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { SteadyWrites } from './steady-writes.ts';

test('what can not be written is tried again, and what comes after it waits for it', async () => {
  const clock = new VirtualClock();
  const logged: string[] = [];
  const logger = createLogger('info', [{ write: (line) => void logged.push(line) }]);
  const writes = new SteadyWrites({ clock, logger });
  const written: number[] = [];
  let isFull = true;
  const write = (number: number) => () => {
    if (isFull) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
    written.push(number);
  };
  writes.run(write(1));
  writes.run(write(2));
  await clock.advance(5_000);
  expect([written, writes.catchUp()]).toEqual([[], false]);
  isFull = false;
  await clock.advance(1_000);
  writes.run(write(3));
  expect([written, writes.catchUp()]).toEqual([[1, 2, 3], true]);
  isFull = true;
  writes.run(write(4));
  isFull = false;
  writes[Symbol.dispose]();
  expect(written).toEqual([1, 2, 3, 4]);
  expect(logged.join()).toContain('it is tried again');
});

test('what can never be written keeps nothing else from it', async () => {
  const clock = new VirtualClock();
  const logged: string[] = [];
  const logger = createLogger('info', [{ write: (line) => void logged.push(line) }]);
  using writes = new SteadyWrites({ clock, logger });
  const written: number[] = [];
  writes.run(() => {
    throw new TypeError('our own mistake');
  });
  writes.run(() => written.push(2));
  expect(written).toEqual([2]);
  expect(logged.join()).toContain('a hook is lost');
});
