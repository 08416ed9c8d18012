import { link, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FactoryError } from '../../errors/factory-error.ts';
import {
  furtherFile,
  HOST_KEY_KINDS,
  HOST_KEY_TYPES,
  type HostKey,
  type HostKeyType,
  hostKeyFolder,
  inUseFile,
  MOST_FURTHER_KEYS,
  publicHalf,
  readHostKeys,
} from './host-keys.ts';
import { generatePrivateKey, placePrivateKey } from './private-key-file.ts';

/*
 * What an operator changes about the host keys. A factory that runs goes on with those that it has read at its start. All of them
 * reject with `SSH_KEY_UNUSABLE`.
 */

/** Makes a key that is announced, and not in use yet. */
export async function addHostKey(data: string, type: HostKeyType): Promise<HostKey> {
  const further = (await keysOf(data)).filter(({ isInUse }) => !isInUse);
  if (further.length >= MOST_FURTHER_KEYS) {
    throw new FactoryError(
      'SSH_KEY_UNUSABLE',
      `There are ${further.length} host keys besides those in use, and no more may be; remove one first (factory host-key remove).`,
    );
  }
  const privateKey = await generatePrivateKey(HOST_KEY_KINDS[type], inUseFile(type));
  const publicKey = publicHalf(privateKey, inUseFile(type));
  const file = furtherFile(type, publicKey);
  await onDisk(file, placePrivateKey(hostKeyFolder(data), file, privateKey));
  return { file, privateKey, publicKey, isInUse: false };
}

/**
 * Takes a key into use; the one of its type that was until now stays announced. However it is cut off, there is a key in use and none
 * is lost. Resolves with the one that was.
 */
export async function useHostKey(data: string, fingerprint: string): Promise<HostKey> {
  const keys = await keysOf(data);
  const key = chosen(keys, fingerprint);
  if (key.isInUse)
    throw new FactoryError('SSH_KEY_UNUSABLE', `The host key ${fingerprint} is in use already.`);
  const type = typeOf(key);
  const former = keys.find(({ file }) => file === inUseFile(type));
  if (former === undefined) throw noKeys();
  const path = (file: string) => join(hostKeyFolder(data), file);
  const asFurther = furtherFile(type, former.publicKey);
  await onDisk(asFurther, leaveThere(link(path(former.file), path(asFurther))));
  await onDisk(key.file, rename(path(key.file), path(former.file)));
  return { ...former, file: asFurther, isInUse: false };
}

/** Ends the announcement of a key, and removes it for good. */
export async function removeHostKey(data: string, fingerprint: string): Promise<HostKey> {
  const key = chosen(await keysOf(data), fingerprint);
  if (key.isInUse) {
    throw new FactoryError(
      'SSH_KEY_UNUSABLE',
      `The host key ${fingerprint} is in use; take another one into use first (factory host-key use).`,
    );
  }
  await onDisk(key.file, rm(join(hostKeyFolder(data), key.file)));
  return key;
}

async function keysOf(data: string): Promise<readonly HostKey[]> {
  const keys = await readHostKeys(data);
  if (keys.length === 0) throw noKeys();
  return keys;
}

function noKeys(): FactoryError {
  return new FactoryError(
    'SSH_KEY_UNUSABLE',
    'There are no host keys in the data folder yet; the first start of the factory makes them.',
  );
}

function chosen(keys: readonly HostKey[], fingerprint: string): HostKey {
  const key = keys.find(({ publicKey }) => publicKey.fingerprint === fingerprint);
  if (key !== undefined) return key;
  throw new FactoryError(
    'SSH_KEY_UNUSABLE',
    `There is no host key ${fingerprint}. There are: ${keys.map(({ publicKey }) => publicKey.fingerprint).join(', ')}.`,
  );
}

/** By the place that it would take. */
function typeOf({ file }: HostKey): HostKeyType {
  return HOST_KEY_TYPES.find((type) => file.startsWith(`host_${type}_`)) ?? 'ed25519';
}

/** It is there from an order that was cut off. */
async function leaveThere(linking: Promise<void>): Promise<void> {
  await linking.catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

async function onDisk(file: string, doing: Promise<void>): Promise<void> {
  await doing.catch((cause: unknown) => {
    throw new FactoryError(
      'SSH_KEY_UNUSABLE',
      `The key file ssh/${file} in the data folder cannot be written; check the folder's owner and the disk.`,
      { cause },
    );
  });
}
