// @ts-check
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * One hash over files and whole folders: their paths below `root`, modes and contents. What is missing counts as
 * missing.
 * @param {string} root
 * @param {readonly string[]} paths relative to root
 * @param {(path: string) => boolean} [wanted] by path relative to root; all by default
 */
export async function hashPaths(root, paths, wanted = () => true) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of await filesBelow(join(root, path))) {
      const name = relative(root, file.path);
      if (!wanted(name)) continue;
      hash.update(`${name}\0${file.mode & 0o111}\0`);
      hash.update(
        createHash('sha256')
          .update(await readFile(file.path))
          .digest(),
      );
    }
    hash.update(`end of ${path}\0`);
  }
  return hash.digest('hex').slice(0, 32);
}

/**
 * @param {string} path
 * @returns {Promise<{ path: string, mode: number }[]>} sorted
 */
async function filesBelow(path) {
  const found = await stat(path).catch(() => undefined);
  if (!found) return [];
  if (!found.isDirectory()) return [{ path, mode: found.mode }];
  const names = (await readdir(path)).sort();
  return (await Promise.all(names.map((name) => filesBelow(join(path, name))))).flat();
}
