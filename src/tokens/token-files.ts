import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../data-folder/make-folder.ts';
import { writeDurably } from '../data-folder/write-durably.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { isMissing } from '../errors/system-refusal.ts';

const FOLDER = 'tokens';

/** Bytes; the most that ours ever have is 1.3 MB. */
const LARGEST_FILE = 4 * 2 ** 20;

/** `data`: the data folder. */
export function tokensFolder(data: string): string {
  return join(data, FOLDER);
}

/** Where the keys are that verify tokens, for another process to read. */
export function jwksFile(data: string): string {
  return join(tokensFolder(data), 'jwks.json');
}

/** The text of a file that is the factory's alone; undefined where there is none. Rejects with `TOKEN_KEYS_UNUSABLE`. */
export async function readTokenFile(data: string, name: string): Promise<string | undefined> {
  const path = join(tokensFolder(data), name);
  try {
    const { mode, size } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw unusable(
        `Others can read the file tokens/${name} in the data folder; take their permissions away (chmod 600).`,
      );
    }
    if (size > LARGEST_FILE)
      throw unusable(
        `The file tokens/${name} in the data folder is too large to be ours; put it back from a backup.`,
      );
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof FactoryError) throw cause;
    if (isMissing(cause)) return undefined;
    throw unusable(
      `The file tokens/${name} in the data folder cannot be read; check the folder's owner and the disk.`,
      { cause },
    );
  }
}

/** Writes `value` as JSON. Rejects with `TOKEN_KEYS_UNUSABLE`. */
export async function writeTokenFile(data: string, name: string, value: object, mode = 0o600): Promise<void> {
  try {
    await makeFolder(tokensFolder(data));
    await writeDurably(join(tokensFolder(data), name), `${JSON.stringify(value)}\n`, mode);
  } catch (cause) {
    throw unusable(
      `The file tokens/${name} in the data folder cannot be written; check the folder's owner and the disk.`,
      { cause },
    );
  }
}

export function unusable(
  message: string,
  options: { readonly cause?: unknown; readonly detail?: string } = {},
): FactoryError {
  return new FactoryError('TOKEN_KEYS_UNUSABLE', message, options);
}
