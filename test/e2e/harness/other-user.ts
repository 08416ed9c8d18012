import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { PATIENCE } from './eventually.ts';
import { PROGRAM } from './set-up.ts';

/** A user and group that nobody has, with no rights of its own, on Docker's socket least of all. */
const OTHER_USER = 12_345;

/** A program as that user. */
export function asOtherUser(file: string, args: readonly string[]): readonly [string, ...string[]] {
  return [
    'setpriv',
    ...['--reuid', String(OTHER_USER), '--regid', String(OTHER_USER), '--clear-groups'],
    ...['--', file, ...args],
  ];
}

/** Whether a program can be that user here, and the factory's program is where it can read it. */
export async function canBeOtherUser(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const [file, ...args] = asOtherUser('test', ['-r', PROGRAM]);
  return (await execa(file, args, { reject: false, timeout: PATIENCE })).exitCode === 0;
}

/** Where two users meet, of `clusters.service`: as docs/operate.md has it, in the folder of the run. */
export const SHARED_PLACES = {
  listen: 'unix:./run-clusters/clusters.sock',
  trust: './run/jwks.json',
  data: './data-clusters',
};

/** Whose is what: the folders that systemd makes for the two units, and one in which the test has the gateway write. */
export async function makeFoldersOfTwo(folder: string): Promise<void> {
  const [own, shared, theirs] = [0o700, 0o755, OTHER_USER];
  // As /tmp is: each may make files, and take away their own.
  await chmod(folder, 0o1777);
  for (const [name, mode, owner] of [
    ['data', own, theirs],
    ['run', shared, theirs],
    ['data-clusters', own, 0],
    ['run-clusters', shared, 0],
  ] as const) {
    const path = join(folder, name);
    await mkdir(path);
    await chmod(path, mode);
    await chown(path, owner, owner);
  }
}
