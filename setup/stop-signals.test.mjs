import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createStopSignals } from './stop-signals.mjs';

test('a ^C that comes twice at once is one wish, a later one is the second', () => {
  const source = new EventEmitter();
  const seen = [];
  let now = 0;
  createStopSignals(source, () => now).handle((signal, count) => seen.push([signal, count]));
  source.emit('SIGINT');
  now = 5;
  source.emit('SIGINT');
  now = 3_000;
  source.emit('SIGTERM');
  expect(seen).toEqual([
    ['SIGINT', 1],
    ['SIGTERM', 2],
  ]);
});
