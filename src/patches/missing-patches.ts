import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMissing } from '../errors/system-refusal.ts';

/** The same place from the sources and from the build, in a checkout and in an installed package. */
const PATCHES = fileURLToPath(new URL('../../patches', import.meta.url));

const FILE_HEADER = /^\+\+\+ b\/node_modules\/ssh2\/(.+)$/;

/** The ssh2 that this program loads. */
export function ssh2Folder(): string {
  return dirname(createRequire(import.meta.url).resolve('ssh2/package.json'));
}

interface Change {
  readonly patch: string;
  readonly file: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * The patches, by their file names, that the ssh2 in `library` lacks. The lines themselves are looked for and no mark of a patch run:
 * nothing then says "patched" of a library that was put there anew, or was changed half.
 */
export async function missingPatches(
  library: string = ssh2Folder(),
  patches: string = PATCHES,
): Promise<readonly string[]> {
  const names = (await readdir(patches)).filter((name) => name.endsWith('.patch')).sort();
  // Without any the package is not whole, and nothing can be said of the library.
  if (names.length === 0) throw new Error(`no patches in ${patches}`);
  const changes = await Promise.all(
    names.map(async (name) => changesOf(name, await readFile(join(patches, name), 'utf8'))),
  );
  const missing = new Set<string>();
  for (const [file, ofFile] of Map.groupBy(changes.flat(), ({ file }) => file)) {
    const there = counted(await linesOf(join(library, file)));
    const wanted = expectedLines(ofFile);
    for (const { patch, added } of ofFile) {
      if (added.some((line) => (there.get(line) ?? 0) < (wanted.get(line) ?? 0))) missing.add(patch);
    }
  }
  return names.filter((name) => missing.has(name));
}

/** One for each file that a patch changes. */
function changesOf(patch: string, text: string): readonly Change[] {
  const changes: { patch: string; file: string; added: string[]; removed: string[] }[] = [];
  let inHunk = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('diff --git ')) inHunk = false;
    const file = inHunk ? undefined : FILE_HEADER.exec(line)?.[1];
    if (file !== undefined) changes.push({ patch, file, added: [], removed: [] });
    else if (line.startsWith('@@ ')) inHunk = true;
    else if (inHunk && line.startsWith('+')) changes.at(-1)?.added.push(line.slice(1));
    else if (inHunk && line.startsWith('-')) changes.at(-1)?.removed.push(line.slice(1));
  }
  return changes;
}

/** How often each line must be there at least: a later patch may have changed what an earlier one brought. */
function expectedLines(changes: readonly Change[]): ReadonlyMap<string, number> {
  const added = counted(changes.flatMap((change) => change.added));
  const removed = counted(changes.flatMap((change) => change.removed));
  return new Map([...added].map(([line, count]) => [line, count - (removed.get(line) ?? 0)]));
}

function counted(lines: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

async function linesOf(file: string): Promise<readonly string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n');
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
