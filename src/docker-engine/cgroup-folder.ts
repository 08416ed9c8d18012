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

export interface CgroupFolder {
  readonly version: 1 | 2;
  readonly path: string;
}

/**
 * Where the kernel tells what the control group of a process has had of `controller`, in the words of cgroup v1 ("memory",
 * "cpuacct"). Rejects where the process is not on this host.
 */
export async function cgroupFolder(
  pid: number,
  controller: string,
  place: CgroupPlace,
): Promise<CgroupFolder> {
  const groups = await readFile(join(place.proc, String(pid), 'cgroup'), 'utf8');
  const v1 = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm').exec(groups)?.[1];
  if (v1 !== undefined) return { version: 1, path: join(place.cgroups, controller, v1) };
  const v2 = /^0::(.*)$/m.exec(groups)?.[1] ?? '';
  return { version: 2, path: join(place.cgroups, v2) };
}
