import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CgroupPlace, cgroupFolder } from './cgroup-folder.ts';

/**
 * How long the processes of a process's control group have computed, those that ended included; ms. Undefined where it can't be
 * told: the process is on another host, or has ended.
 */
export async function cgroupCpuTime(pid: number, place: CgroupPlace): Promise<number | undefined> {
  try {
    const { version, path } = await cgroupFolder(pid, 'cpuacct', place);
    if (version === 1) return Number(await readFile(join(path, 'cpuacct.usage'), 'utf8')) / 1e6;
    const stat = await readFile(join(path, 'cpu.stat'), 'utf8');
    const used = /^usage_usec (\d+)$/m.exec(stat)?.[1];
    return used === undefined ? undefined : Number(used) / 1e3;
  } catch {
    return undefined;
  }
}
