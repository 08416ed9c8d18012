import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CgroupPlace, type ContainerProcess, cgroupFolder } from './cgroup-folder.ts';

/**
 * How long the container's processes have computed since its start, those that ended included; ms. Undefined where this host's
 * kernel can't tell: the container is on another one, or has ended.
 */
export async function cgroupCpuTime(
  process: ContainerProcess,
  place: CgroupPlace,
): Promise<number | undefined> {
  try {
    const { version, path } = await cgroupFolder(process, 'cpuacct', place);
    if (version === 1) return Number(await readFile(join(path, 'cpuacct.usage'), 'utf8')) / 1e6;
    const stat = await readFile(join(path, 'cpu.stat'), 'utf8');
    const used = /^usage_usec (\d+)$/m.exec(stat)?.[1];
    return used === undefined ? undefined : Number(used) / 1e3;
  } catch {
    return undefined;
  }
}
