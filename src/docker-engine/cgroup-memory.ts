import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CgroupPlace, type ContainerProcess, cgroupFolder } from './cgroup-folder.ts';

/**
 * What the container takes of the memory, bytes, without page cache that can be dropped at once. Undefined where this host's
 * kernel can't tell: the container is on another one, or has ended.
 */
export async function cgroupMemory(
  process: ContainerProcess,
  place: CgroupPlace,
): Promise<number | undefined> {
  try {
    const { version, path } = await cgroupFolder(process, 'memory', place);
    if (version === 1) return await inUse(path, 'memory.usage_in_bytes', 'total_inactive_file');
    return await inUse(path, 'memory.current', 'inactive_file');
  } catch {
    return undefined;
  }
}

async function inUse(folder: string, usageFile: string, inactive: string): Promise<number> {
  const [usage, stat] = await Promise.all([
    readFile(join(folder, usageFile), 'utf8'),
    readFile(join(folder, 'memory.stat'), 'utf8'),
  ]);
  const cache = new RegExp(`^${inactive} (\\d+)$`, 'm').exec(stat)?.[1] ?? '0';
  return Math.max(0, Number(usage) - Number(cache));
}
