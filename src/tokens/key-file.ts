import { z } from 'zod';
import { parseJson } from '../json/parse-json.ts';
import { jwksOf } from './jwks.ts';
import { readTokenFile, unusable, writeTokenFile } from './token-files.ts';
import { keptKeySchema, readTokenKey, type TokenKey, toKeptKey } from './token-key.ts';

const FILE = 'keys.json';

/** How many keys there may be at a time. */
export const MOST_KEYS = 100;

const BROKEN =
  'The file tokens/keys.json in the data folder holds no keys; put it back from a backup, or remove it: new keys are made then, and tokens given out are void.';

const keyFileSchema = z.strictObject({
  format: z.literal(1),
  keys: z.array(keptKeySchema).min(1).max(MOST_KEYS),
});

/** In the order in which they begin to sign; undefined: none were made yet. Rejects with `TOKEN_KEYS_UNUSABLE`. */
export async function readKeys(data: string): Promise<readonly TokenKey[] | undefined> {
  const text = await readTokenFile(data, FILE);
  if (text === undefined) return undefined;
  const parsed = keyFileSchema.safeParse(parseJson(text));
  if (!parsed.success) throw unusable(BROKEN, { detail: z.prettifyError(parsed.error) });
  try {
    const keys = await Promise.all(parsed.data.keys.map(readTokenKey));
    return keys.toSorted((one, other) => one.signsFrom - other.signsFrom);
  } catch (cause) {
    throw unusable(BROKEN, { cause });
  }
}

/** Writes the keys, and for others their public halves. Rejects with `TOKEN_KEYS_UNUSABLE`. */
export async function writeKeys(data: string, keys: readonly TokenKey[]): Promise<void> {
  await writeTokenFile(data, FILE, { format: 1, keys: keys.map(toKeptKey) });
  await writeTokenFile(data, 'jwks.json', jwksOf(keys), 0o644);
}
