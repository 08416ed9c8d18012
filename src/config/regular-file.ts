import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

/** The message completes "the file …". */
export class UnfitFile extends Error {}

/** To open a pipe must not wait for somebody who writes to it. */
const HOW = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * A file that somebody wrote by hand. Rejects with `UnfitFile` for what is no regular file, which may never end (a folder can't be read: EISDIR), and for one of more than
 * `most` bytes, also where it grows meanwhile; else as opening and reading do.
 */
export async function readRegularFile(path: string, most: number): Promise<Buffer> {
  await using file = await open(path, HOW);
  const found = await file.stat();
  if (!found.isFile() && !found.isDirectory()) throw new UnfitFile('is no regular file');
  const bytes =
    found.size > most
      ? undefined
      : await buffer(file.createReadStream({ start: 0, end: most, autoClose: false }));
  if (bytes === undefined || bytes.length > most) throw new UnfitFile(`has more than ${sizeText(most)}`);
  return bytes;
}

/** What kept `readRegularFile` from it, in words that follow the key of a configuration. */
export function readingMistake(error: unknown): string {
  if (error instanceof UnfitFile) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return code === 'ENOENT' ? 'there is no such file; make it, or mend the path' : `can't be read (${code})`;
}

function sizeText(bytes: number): string {
  return bytes < 2 ** 20 ? `${bytes / 2 ** 10} KiB` : `${bytes / 2 ** 20} MiB`;
}
