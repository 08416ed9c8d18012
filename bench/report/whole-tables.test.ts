import { expect, test } from 'vitest';
import { wholeTables } from './whole-tables.ts';

test('a table is whole when no scenario of it is left out', () => {
  const [first, second, memory] = [
    { table: 'measured' },
    { table: 'measured' },
    { table: 'memory' },
  ] as const;
  const all = [first, second, memory];
  expect([...wholeTables(all, all)]).toEqual(['measured', 'memory']);
  expect([...wholeTables(all, [second, memory])]).toEqual(['memory']);
  expect([...wholeTables(all, [first])]).toEqual([]);
});
