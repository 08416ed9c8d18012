import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cgroupCpuTime } from './cgroup-cpu.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cgroups-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const cpuTime = (pid: number, container: string) =>
  cgroupCpuTime({ pid, container }, { proc: join(root, 'proc'), cgroups: join(root, 'cg') });

test('with cgroup v1 the controller cpuacct counts nanoseconds', async () => {
  await put('proc/7/cgroup', '5:devices:/docker/a\n4:cpu,cpuacct:/docker/b\n0::/docker/a\n');
  await put('cg/cpuacct/docker/b/cpuacct.usage', '2500000\n');
  expect(await cpuTime(7, 'b')).toBe(2.5);
});

test('with cgroup v2 the one group counts microseconds', async () => {
  await put('proc/7/cgroup', '0::/system.slice/docker-a.scope\n');
  await put('cg/system.slice/docker-a.scope/cpu.stat', 'usage_usec 2500\nuser_usec 1500\n');
  expect(await cpuTime(7, 'a')).toBe(2.5);
});

test('of a process that is not here nothing is known', async () => {
  expect(await cpuTime(8, 'a')).toBeUndefined();
});
