import { cp, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { ssh2Folder } from '../missing-patches.ts';

export const PATCHES = resolve(import.meta.dirname, '../../../patches');

/** Puts ssh2 into `folder`/node_modules as npm does it: without our patches, and without an addon. */
export async function putUnpatchedSsh2(folder: string): Promise<string> {
  const ssh2 = join(folder, 'node_modules/ssh2');
  const own = ssh2Folder();
  const built = join(own, 'lib/protocol/crypto/build');
  await cp(own, ssh2, { recursive: true, filter: (path) => !path.startsWith(built) });
  await rm(join(ssh2, '.patch-package.json'), { force: true });
  for (const name of (await readdir(PATCHES)).sort().reverse()) {
    await execa('git', ['apply', '--reverse', join(PATCHES, name)], { cwd: folder });
  }
  return ssh2;
}
