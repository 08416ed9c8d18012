import { expect, test } from 'vitest';
import { bareName, bareThing } from './bare-names.ts';

test('a name tells what it is and whose, and others are left alone', () => {
  expect(bareThing(bareName('a1b2c3', 42))).toEqual({ kind: 'container', name: 'bench-a1b2c3-42', pid: 42 });
  expect(bareThing(`k3d-${bareName('as-ours', 7)}-server-0`)).toEqual({
    kind: 'cluster',
    name: 'bench-as-ours-7',
    pid: 7,
  });
  for (const name of ['bench', 'workbench-a1b2c3-42', 'bench-mine-42', 'k3d-bench-server-0'])
    expect(bareThing(name)).toBeUndefined();
});
