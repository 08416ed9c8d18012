import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { FactoryError } from '../../errors/factory-error.ts';

export type PrivateKeyKind = { readonly type: 'ed25519' } | { readonly type: 'rsa'; readonly bits: number };

/**
 * Reads a private key (OpenSSH's format), after making it where there is none yet. It is made whole beside its place and
 * then linked there, so that it is never seen half-written and two processes that start together end up with one key.
 * Rejects with `SSH_KEY_UNUSABLE`.
 */
export async function openPrivateKey(folder: string, name: string, kind: PrivateKeyKind): Promise<string> {
  const there = await readPrivateKey(folder, name);
  if (there !== undefined) return there;
  try {
    await placePrivateKey(folder, name, await generatePrivateKey(kind, name));
    return await readChecked(join(folder, name));
  } catch (error) {
    throw asKeyError(error, name);
  }
}

/** Undefined where there is none. Rejects with `SSH_KEY_UNUSABLE`. */
export async function readPrivateKey(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readChecked(join(folder, name));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw asKeyError(error, name);
  }
}

async function readChecked(path: string): Promise<string> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new FactoryError(
      'SSH_KEY_UNUSABLE',
      `Others can read the key file ssh/${basename(path)} in the data folder; take their permissions away (chmod 600).`,
    );
  }
  const text = await readFile(path, 'utf8');
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error || !parsed.isPrivateKey()) {
    throw new FactoryError(
      'SSH_KEY_UNUSABLE',
      `The key file ssh/${basename(path)} in the data folder is broken; put it back from a backup, or remove it to get a new key.`,
      parsed instanceof Error ? { cause: parsed } : {},
    );
  }
  return text;
}

/** Leaves a key that is there already. Rejects as the file system does. */
export async function placePrivateKey(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(temporary, 0o600);
    await link(temporary, path).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

/** In OpenSSH's format. */
export async function generatePrivateKey(kind: PrivateKeyKind, comment: string): Promise<string> {
  const make = promisify<string>((done) => {
    const answer = (error: Error | null, pair: { private: string } | undefined) =>
      done(error, pair?.private ?? '');
    if (kind.type === 'rsa') ssh2.utils.generateKeyPair('rsa', { bits: kind.bits, comment }, answer);
    else ssh2.utils.generateKeyPair('ed25519', { comment }, answer);
  });
  return await make();
}

function asKeyError(error: unknown, name: string): FactoryError {
  if (error instanceof FactoryError) return error;
  return new FactoryError(
    'SSH_KEY_UNUSABLE',
    `The key file ssh/${name} in the data folder cannot be read or written; check the folder's owner and the disk.`,
    { cause: error },
  );
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
