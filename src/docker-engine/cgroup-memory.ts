import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the kernel's control groups are to be seen: cgroups(7). */
export interface CgroupPlace {
  /** "/proc" */
  readonly proc: string;
  /** "/sys/fs/cgroup" */
  readonly cgroups: string;
}

export const THIS_HOST: CgroupPlace = { proc: '/proc', cgroups: '/sys/fs/cgroup' };

/**
 * What the control group of a process takes of the memory, bytes, without page cache that can be dropped at once. Undefined where
 * it can't be told: the process is on another host, or has ended.
 */
export async function cgroupMemory(pid: number, place: CgroupPlace): Promise<number | undefined> {
  try {
    const groups = await readFile(join(place.proc, String(pid), 'cgroup'), 'utf8');
    const v1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
    if (v1 !== undefined) {
      const folder = join(place.cgroups, 'memory', v1);
      return await inUse(folder, 'memory.usage_in_bytes', 'total_inactive_file');
    }
    const v2 = /^0::(.*)$/m.exec(groups)?.[1] ?? '';
    return await inUse(join(place.cgroups, v2), 'memory.current', 'inactive_file');
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
