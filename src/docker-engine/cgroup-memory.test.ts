import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cgroupMemory } from './cgroup-memory.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cgroups-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const memory = (pid: number, container: string) =>
  cgroupMemory({ pid, container }, { proc: join(root, 'proc'), cgroups: join(root, 'cg') });

test('with cgroup v1 the memory controller says it, cache that can be dropped left out', async () => {
  await put('proc/7/cgroup', '5:devices:/docker/a\n4:hugetlb,memory:/docker/b\n0::/docker/a\n');
  await put('cg/memory/docker/b/memory.usage_in_bytes', '1000\n');
  await put('cg/memory/docker/b/memory.stat', 'inactive_file 1\ntotal_cache 9\ntotal_inactive_file 400\n');
  expect(await memory(7, 'b')).toBe(600);
});

test('with cgroup v2 the one group does', async () => {
  await put('proc/7/cgroup', '0::/system.slice/docker-a.scope\n');
  await put('cg/system.slice/docker-a.scope/memory.current', '1000\n');
  await put('cg/system.slice/docker-a.scope/memory.stat', 'active_file 5\ninactive_file 300\n');
  expect(await memory(7, 'a')).toBe(700);
});

test('of a process that is not here, or is another here, nothing is known', async () => {
  await put('proc/7/cgroup', '0::/docker-a.scope\n');
  await put('cg/docker-a.scope/memory.current', '1000\n');
  await put('cg/docker-a.scope/memory.stat', '');
  expect(await memory(7, 'a')).toBe(1000);
  expect(await memory(7, 'b')).toBeUndefined();
  expect(await memory(8, 'a')).toBeUndefined();
});
