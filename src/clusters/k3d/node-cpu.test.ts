import { expect, test } from 'vitest';
import { CpuMeter } from '../../docker-engine/cpu-meter.ts';
import { nodeCpu } from './node-cpu.ts';

const NOT_THERE = { cpuTime: undefined, since: undefined };
const node = (state: Parameters<typeof nodeCpu>[0]['state']) => ({ id: 'a', state });

test('a node that runs has what its clock of CPU time says, where somebody can read that', () => {
  const meter = new CpuMeter();
  expect(nodeCpu(node('running'), { cpuTime: 5_000, since: 0 }, meter, 10_000)).toBe(0.5);
  expect(nodeCpu(node('running'), { cpuTime: undefined, since: 0 }, meter, 10_000)).toBeUndefined();
});

test('one that was paused just now computes nothing, whatever it did a moment before', () => {
  const meter = new CpuMeter();
  nodeCpu(node('running'), { cpuTime: 8_100, since: 0 }, meter, 10_000);
  expect(nodeCpu(node('suspended'), { cpuTime: 8_100, since: 0 }, meter, 10_200)).toBe(0);
  expect(nodeCpu(node('suspended'), { cpuTime: undefined, since: 0 }, meter, 12_000)).toBe(0);
});

test.each(['stopped', 'taken_down', 'running'] as const)(
  'one whose container has ended computes nothing (%s)',
  (state) => {
    expect(nodeCpu(node(state), NOT_THERE, new CpuMeter(), 10_000)).toBe(0);
  },
);
