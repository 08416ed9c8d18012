import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labNamed } from '../../labs/testing/lab-named.ts';
import type { Key } from './keys.ts';
import { press } from './picker.ts';

const NAMES = ['alpine', 'debian', 'docker', 'k3s', 'zephyr'].map((name) => labNamed(name).name);

const character = (text: string): Key => ({ kind: 'character', character: text });

function pressed(keys: readonly Key[], from = 0) {
  let selected = from;
  for (const key of keys) {
    const step = press(key, selected, NAMES, 3);
    if (step.kind !== 'choosing') return step;
    selected = step.selected;
  }
  return selected;
}

describe('moving', () => {
  test.each([
    ['down', 0, 1],
    ['down', 4, 4],
    ['up', 2, 1],
    ['up', 0, 0],
    ['first', 3, 0],
    ['last', 1, 4],
    ['page_down', 0, 3],
    ['page_down', 3, 4],
    ['page_up', 4, 1],
    ['page_up', 1, 0],
  ] as const)('%s from %i to %i', (to, from, row) => {
    expect(pressed([{ kind: 'move', to }], from)).toBe(row);
  });

  test.each([
    ['j', 0, 1],
    ['k', 1, 0],
    ['3', 0, 2],
    ['9', 2, 2],
    ['0', 2, 2],
    ['d', 0, 1],
    ['d', 1, 2],
    ['d', 2, 1],
    ['D', 2, 1],
    ['x', 3, 3],
    ['z', 0, 4],
  ])('%j from %i to %i', (text, from, row) => {
    expect(pressed([character(text)], from)).toBe(row);
  });
});

test('Enter takes the row that is selected, and a digit alone takes none', () => {
  expect(pressed([character('2'), { kind: 'enter' }])).toEqual({ kind: 'chosen', selected: 1 });
});

test.each<[string, Key]>([
  ['q', character('q')],
  ['Q', character('Q')],
  ['^C', { kind: 'leave' }],
])('%s leaves', (_what, key) => {
  expect(pressed([character('j'), key])).toEqual({ kind: 'left' });
});

test('whatever is pressed, a lab is selected that there is', () => {
  const move = fc.constantFrom('up', 'down', 'page_up', 'page_down', 'first', 'last');
  const key = fc.oneof(
    move.map((to): Key => ({ kind: 'move', to })),
    fc.string({ minLength: 1, maxLength: 1 }).map(character),
    fc.constant<Key>({ kind: 'enter' }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 9 }),
      fc.array(key),
      (count, page, keys) => {
        const names = NAMES.slice(0, count);
        let selected = 0;
        for (const each of keys) {
          const step = press(each, selected, names, page);
          if (step.kind === 'left') return;
          selected = step.selected;
          expect(names[selected]).toBeDefined();
        }
      },
    ),
  );
});
