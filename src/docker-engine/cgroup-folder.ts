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

/** The first process of a container, as its engine tells of it. */
export interface ContainerProcess {
  readonly pid: number;
  /** Docker's full id of the container. */
  readonly container: string;
}

export interface CgroupFolder {
  readonly version: 1 | 2;
  readonly path: string;
}

/**
 * Where the kernel tells what the control group of a container has had of `controller`, in the words of cgroup v1 ("memory",
 * "cpuacct"). Rejects where that is not to be seen: the engine is on another host, whose process numbers mean others here, so
 * only a group that has the container's id in its name is taken for the container's.
 */
export async function cgroupFolder(
  { pid, container }: ContainerProcess,
  controller: string,
  place: CgroupPlace,
): Promise<CgroupFolder> {
  const groups = await readFile(join(place.proc, String(pid), 'cgroup'), 'utf8');
  const v1 = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm').exec(groups)?.[1];
  const group = v1 ?? /^0::(.*)$/m.exec(groups)?.[1] ?? '';
  if (!group.includes(container)) throw new Error(`no control group of the container ${container}`);
  if (v1 !== undefined) return { version: 1, path: join(place.cgroups, controller, group) };
  return { version: 2, path: join(place.cgroups, group) };
}
