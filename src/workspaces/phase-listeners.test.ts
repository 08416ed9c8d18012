import { expect, test } from 'vitest';
import { parseWorkspaceKey } from '../names/workspace-key.ts';
import { PhaseListeners } from './phase-listeners.ts';
import { key } from './testing/harness.ts';

test('each listener hears of its own workspace until it is taken away, and nothing is kept then', () => {
  const other = parseWorkspaceKey('bob', 'k3s') ?? expect.fail('a key');
  const listeners = new PhaseListeners();
  let heard = 0;
  const listener = () => {
    heard += 1;
  };
  const handles = [listeners.add(key, listener), listeners.add(key, listener)];
  listeners.tell(other);
  expect([heard, listeners.size]).toEqual([0, 1]);
  listeners.tell(key);
  expect(heard).toBe(2);
  handles[0]?.[Symbol.dispose]();
  handles[0]?.[Symbol.dispose]();
  listeners.tell(key);
  expect([heard, listeners.size]).toEqual([3, 1]);
  handles[1]?.[Symbol.dispose]();
  expect(listeners.size).toBe(0);
  // One that comes later is not taken away with those before it.
  using _later = listeners.add(key, listener);
  handles[1]?.[Symbol.dispose]();
  listeners.tell(key);
  expect(heard).toBe(4);
});
