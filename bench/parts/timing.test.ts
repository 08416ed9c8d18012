import { expect, test } from 'vitest';
import { inTurn, timed } from './timing.ts';

test('everybody has one turn in each round, and another one begins', async () => {
  const order: string[] = [];
  const turn = (name: string) => async () => void order.push(name);
  await inTurn(3, [turn('a'), turn('b')]);
  expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
});

test('a round has a beginning, before whoever is first', async () => {
  const order: string[] = [];
  const note = (name: string) => async () => void order.push(name);
  await inTurn(2, [note('a'), note('b')], note('begin'));
  expect(order).toEqual(['begin', 'a', 'b', 'begin', 'b', 'a']);
});

test('only what succeeds is a sample', async () => {
  const samples: number[] = [];
  await timed(samples, async () => {});
  await expect(timed(samples, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(samples).toHaveLength(1);
});
