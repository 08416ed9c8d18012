import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AuditTally } from './audit-tally.ts';

const ENTRY = { who: '', from: '192.0.2.7:50122', door: 'api', what: 'caller', result: 'refused' } as const;
const lines: { readonly times?: number }[] = [];
const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });

beforeEach(() => {
  lines.length = 0;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const times = () => lines.map((line) => line.times);

test('the first from a place is told at once, the others when the minute is over', () => {
  using tally = new AuditTally(logger);
  expect([1, 2, 3].map(() => tally.note('192.0.2.7', ENTRY, 'refused'))).toEqual([true, false, false]);
  expect(times()).toEqual([undefined]);
  vi.advanceTimersByTime(60_000);
  expect(times()).toEqual([undefined, 3]);
  expect(tally.note('192.0.2.7', ENTRY, 'refused')).toBe(true);
});

test('who ends within the minute tells what was counted, and leaves no timer', () => {
  const tally = new AuditTally(logger);
  for (let n = 0; n < 5; n += 1) tally.note('192.0.2.7', ENTRY, 'refused');
  tally[Symbol.dispose]();
  expect(times()).toEqual([undefined, 5]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a thousand places are a hundred and one lines', () => {
  using tally = new AuditTally(logger);
  for (let n = 0; n < 1_000; n += 1) tally.note(`place ${n}`, ENTRY, 'refused');
  vi.advanceTimersByTime(60_000);
  expect(times()).toEqual([...Array(100).fill(undefined), 900]);
});
