import { expect, test } from 'vitest';
import { Relay } from './relay.ts';

function heard(relay: Relay<number>): number[] {
  const values: number[] = [];
  relay.listen((value) => values.push(value));
  return values;
}

test('what nobody waits for is told to nobody', () => {
  const relay = new Relay<number>(2);
  expect(relay.tell(1)).toBe(false);
  expect(heard(relay)).toEqual([]);
});

test('so much is kept for the first listener, in its order, and no more', () => {
  const relay = new Relay<number>(2);
  relay.keep();
  expect([1, 2, 3].map((value) => relay.tell(value))).toEqual([true, true, false]);
  const [first, second] = [heard(relay), heard(relay)];
  expect(relay.tell(4)).toBe(true);
  expect({ first, second }).toEqual({ first: [1, 2, 4], second: [4] });
});

test('nothing is kept beside a listener', () => {
  const relay = new Relay<number>(2);
  const first = heard(relay);
  relay.keep();
  relay.tell(1);
  expect({ first, second: heard(relay) }).toEqual({ first: [1], second: [] });
});
