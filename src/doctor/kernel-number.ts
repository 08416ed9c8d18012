import { readFile } from 'node:fs/promises';

/** A number that the kernel tells in a file of /proc/sys; undefined where there is no such file. */
export async function kernelNumber(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}
