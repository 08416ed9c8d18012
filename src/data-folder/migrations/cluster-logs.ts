import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessMissing } from '../unless-missing.ts';

/** Format 1 kept the logs of clusters that could not be made among the records of creations. */
export async function moveClusterLogs(folder: string): Promise<void> {
  const from = join(folder, 'clusters');
  const to = join(folder, 'logs', 'clusters');
  await mkdir(to, { recursive: true, mode: 0o700 });
  const names = await unlessMissing(readdir(from), []);
  for (const name of names) if (name.endsWith('.log')) await rename(join(from, name), join(to, name));
}
