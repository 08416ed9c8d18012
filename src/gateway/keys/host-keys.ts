import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { FactoryError } from '../../errors/factory-error.ts';
import { type PublicKey, readPublicKey } from '../../identity/public-key.ts';
import { openPrivateKey, type PrivateKeyKind, readPrivateKey } from './private-key-file.ts';

/** A key by which clients know the gateway. */
export interface HostKey {
  /** Its file's name in `<data>/ssh/`. */
  readonly file: string;
  /** In OpenSSH's format. */
  readonly privateKey: string;
  readonly publicKey: PublicKey;
  /** Whether the gateway shows itself by it; the others are only announced, one that is to come or one that was. */
  readonly isInUse: boolean;
}

export const HOST_KEY_TYPES = ['ed25519', 'rsa'] as const;
export type HostKeyType = (typeof HOST_KEY_TYPES)[number];

export const HOST_KEY_KINDS = {
  ed25519: { type: 'ed25519' },
  rsa: { type: 'rsa', bits: 3072 },
} as const satisfies Record<HostKeyType, PrivateKeyKind>;

/** So many may be announced besides those in use: each is sent at every login. */
export const MOST_FURTHER_KEYS = 8;

const FURTHER = /^host_(?:ed25519|rsa)_\w+_key$/;

/**
 * The gateway's host keys, those in use first, ed25519 before RSA. They are made on the first run and kept in `<data>/ssh/`: a
 * student's client remembers them. Rejects with `SSH_KEY_UNUSABLE`.
 */
export async function openHostKeys(data: string): Promise<readonly HostKey[]> {
  const folder = hostKeyFolder(data);
  await Promise.all(
    HOST_KEY_TYPES.map((type) => openPrivateKey(folder, inUseFile(type), HOST_KEY_KINDS[type])),
  );
  return await readHostKeys(data);
}

/** The same, and makes none. */
export async function readHostKeys(data: string): Promise<readonly HostKey[]> {
  const folder = hostKeyFolder(data);
  const inUse = HOST_KEY_TYPES.map(inUseFile);
  const keys = await Promise.all(
    [...inUse, ...(await furtherFiles(folder))].map((file) => readKey(folder, file)),
  );
  return withoutTwins(keys.flatMap((key) => key ?? []));
}

export function hostKeyFolder(data: string): string {
  return join(data, 'ssh');
}

export function inUseFile(type: HostKeyType): string {
  return `host_${type}_key`;
}

/** Where a key is kept that is not in use: the file's name begins as its fingerprint in an SSHFP record does. */
export function furtherFile(type: HostKeyType, { blob }: PublicKey): string {
  return `host_${type}_${createHash('sha256').update(blob).digest('hex').slice(0, 12)}_key`;
}

/** The public half of a private key. Throws `SSH_KEY_UNUSABLE`. */
export function publicHalf(privateKey: string, file: string): PublicKey {
  const parsed = ssh2.utils.parseKey(privateKey);
  const reading = parsed instanceof Error ? undefined : readPublicKey(parsed.getPublicSSH());
  if (reading?.kind === 'usable') return reading.key;
  throw new FactoryError(
    'SSH_KEY_UNUSABLE',
    `The key file ssh/${file} in the data folder can not be a host key; put it back from a backup, or remove it.`,
    parsed instanceof Error ? { cause: parsed } : {},
  );
}

async function furtherFiles(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder).catch(() => [])).filter((name) => FURTHER.test(name)).toSorted();
  if (files.length <= MOST_FURTHER_KEYS) return files;
  throw new FactoryError(
    'SSH_KEY_UNUSABLE',
    `There are ${files.length} further host keys in ssh/ of the data folder, and ${MOST_FURTHER_KEYS} may be; remove those that are not needed any more (factory host-key list).`,
  );
}

async function readKey(folder: string, file: string): Promise<HostKey | undefined> {
  const privateKey = await readPrivateKey(folder, file);
  if (privateKey === undefined) return undefined;
  return { file, privateKey, publicKey: publicHalf(privateKey, file), isInUse: !FURTHER.test(file) };
}

/** A key that is just being taken into use is there twice for a moment; a client takes offence at one that is announced twice. */
function withoutTwins(keys: readonly HostKey[]): readonly HostKey[] {
  return keys.filter(
    ({ publicKey }, index) =>
      keys.findIndex((other) => other.publicKey.fingerprint === publicKey.fingerprint) === index,
  );
}
