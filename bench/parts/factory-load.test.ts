import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { LiveProgram } from '../../test/e2e/harness/live-program.ts';
import { cpuTicks, loadOf, residentKib } from './factory-load.ts';

test('the fields of /proc, whatever the program calls itself', async () => {
  const stat = '42 (a) b (c) S 1 42 42 0 -1 4194560 2000 0 7 0 150 25 0 0 20 0 11 0 1234 900000 3000';
  expect(cpuTicks(stat)).toBe(175);
  expect(residentKib('Name:\tx\nVmHWM:\t  300 kB\nVmRSS:\t  123456 kB\n')).toBe(123_456);
  expect(residentKib(await readFile('/proc/self/status', 'utf8'))).toBeGreaterThan(10_000);
});

test('a process that works has a load, one that waits has none', async () => {
  await using busy = new LiveProgram(process.execPath, ['-e', 'for (;;);']);
  await using idle = new LiveProgram('cat', []);
  const [worked, waited] = await Promise.all([loadOf(busy.pid, 500), loadOf(idle.pid, 500)]);
  expect(worked.cpuPercent).toBeGreaterThan(10);
  expect(waited.cpuPercent).toBeLessThan(5);
  expect(waited.memoryKib).toBeGreaterThan(100);
});
