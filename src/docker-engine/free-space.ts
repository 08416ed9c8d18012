import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes that are left for us on the disk of `path`, or undefined where it can't be looked at. */
export async function freeSpace(path: string): Promise<number | undefined> {
  const disk = await statfs(path).catch(() => undefined);
  return disk === undefined ? undefined : disk.bavail * disk.bsize;
}

/** Of a path that may not be there yet: on the disk of the nearest folder above that is. */
export async function freeSpaceFor(path: string): Promise<number | undefined> {
  const free = await freeSpace(path);
  const parent = dirname(path);
  return free !== undefined || parent === path ? free : freeSpaceFor(parent);
}
