import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../data-folder/make-folder.ts';
import { writeDurably } from '../data-folder/write-durably.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { parseJson } from '../json/parse-json.ts';
import { jwksOf } from './jwks.ts';
import { keptKeySchema, readTokenKey, type TokenKey, toKeptKey } from './token-key.ts';

const FOLDER = 'tokens';

/** How many keys there may be at a time. */
export const MOST_KEYS = 100;

/** Bytes; a hundred keys have 40,000. */
const LARGEST_FILE = 2 ** 20;

const keyFileSchema = z.strictObject({
  format: z.literal(1),
  keys: z.array(keptKeySchema).min(1).max(MOST_KEYS),
});

/** `data`: the data folder. */
export function tokensFolder(data: string): string {
  return join(data, FOLDER);
}

/** Where the keys are that verify tokens, for another process to read. */
export function jwksFile(data: string): string {
  return join(tokensFolder(data), 'jwks.json');
}

/** Undefined: none were made yet. Rejects with `TOKEN_KEYS_UNUSABLE`. */
export async function readKeyFile(data: string): Promise<readonly TokenKey[] | undefined> {
  const text = await readPrivately(keyFile(data));
  if (text === undefined) return undefined;
  const parsed = keyFileSchema.safeParse(parseJson(text));
  if (!parsed.success) throw broken(z.prettifyError(parsed.error));
  try {
    const keys = await Promise.all(parsed.data.keys.map(readTokenKey));
    return keys.toSorted((one, other) => one.signsFrom - other.signsFrom);
  } catch (cause) {
    throw broken(undefined, cause);
  }
}

/** Writes the keys, and for others their public halves. Rejects with `TOKEN_KEYS_UNUSABLE`. */
export async function writeKeyFiles(data: string, keys: readonly TokenKey[]): Promise<void> {
  try {
    await makeFolder(tokensFolder(data));
    await writeDurably(keyFile(data), `${JSON.stringify({ format: 1, keys: keys.map(toKeptKey) })}\n`);
    await writeDurably(jwksFile(data), `${JSON.stringify(jwksOf(keys))}\n`, 0o644);
  } catch (cause) {
    throw new FactoryError(
      'TOKEN_KEYS_UNUSABLE',
      'The keys that sign tokens cannot be written to the folder tokens of the data folder; check its owner and the disk.',
      { cause },
    );
  }
}

function keyFile(data: string): string {
  return join(tokensFolder(data), 'keys.json');
}

/** Undefined: there is no such file. */
async function readPrivately(path: string): Promise<string | undefined> {
  try {
    const { mode, size } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new FactoryError(
        'TOKEN_KEYS_UNUSABLE',
        'Others can read the file tokens/keys.json in the data folder; take their permissions away (chmod 600).',
      );
    }
    if (size > LARGEST_FILE) throw broken(`${size} bytes`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof FactoryError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new FactoryError(
      'TOKEN_KEYS_UNUSABLE',
      "The file tokens/keys.json in the data folder cannot be read; check the folder's owner and the disk.",
      { cause },
    );
  }
}

function broken(detail: string | undefined, cause?: unknown): FactoryError {
  return new FactoryError(
    'TOKEN_KEYS_UNUSABLE',
    'The file tokens/keys.json in the data folder holds no keys; put it back from a backup, or remove it: new keys are made then, and tokens given out are void.',
    { ...(detail === undefined ? {} : { detail }), cause },
  );
}
