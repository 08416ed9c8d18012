import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../data-folder/make-folder.ts';

/**
 * A folder that Traefik's container can use and nobody else on this host: Traefik is root there without a right to other users'
 * files, so what is in it is for everybody, and the folder around it for its owner alone.
 */
export async function makeFolderForTraefik(folder: string, may: 'read' | 'write'): Promise<void> {
  await makeFolder(folder);
  await chmod(dirname(folder), 0o700);
  await chmod(folder, may === 'write' ? 0o777 : 0o755);
}
