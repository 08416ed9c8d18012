import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing } from '../../../errors/system-refusal.ts';

/** What k3d and the nodes said when a cluster could not be made or started; its nodes are gone since. */
export interface KeptLog {
  readonly file: string;
  readonly writtenAt: Date;
  readonly lines: readonly string[];
}

/** Where the log of the last failure of a cluster is kept, in the folder of such logs. */
export function keptLogFile(folder: string, cluster: string): string {
  return join(folder, `${cluster}.log`);
}

export async function keepLog(file: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, [...lines, ''].join('\n'), { mode: 0o600 });
}

/** Undefined where no creation or start of this cluster ever failed. */
export async function readKeptLog(file: string): Promise<KeptLog | undefined> {
  try {
    const [text, { mtime }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { file, writtenAt: mtime, lines: text.split('\n').filter(Boolean) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
