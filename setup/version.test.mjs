import fc from 'fast-check';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { NODE_VERSION } from './pins.mjs';
import { satisfies } from './version.mjs';

test.each([
  ['20.20.2', false],
  ['22.18.99', false],
  ['22.19.0', true],
  ['22.20.0', true],
  ['24.0.0', true],
])('Node %s is new enough for >=22.19: %s', (version, expected) => {
  expect(satisfies(version, '>=22.19')).toBe(expected);
});

test('versions compare by number, part by part', () => {
  const part = fc.nat({ max: 200 });
  fc.assert(
    fc.property(part, part, part, part, part, part, (a, b, c, x, y, z) => {
      const order = a - x || b - y || c - z;
      expect(satisfies(`v${a}.${b}.${c}`, `>=${x}.${y}.${z}`)).toBe(order >= 0);
    }),
  );
});

test('the pinned Node is one that package.json accepts', () => {
  expect(satisfies(NODE_VERSION, manifest.engines.node)).toBe(true);
});
