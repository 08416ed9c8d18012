import { join } from 'node:path';
import { openPrivateKey } from './private-key-file.ts';

/**
 * The gateway's host keys, ed25519 first. They are made on the first run and kept in `<data>/ssh/`: a student's client
 * remembers them. Rejects with `SSH_KEY_UNUSABLE`.
 */
export async function openHostKeys(data: string): Promise<readonly string[]> {
  const folder = join(data, 'ssh');
  return await Promise.all([
    openPrivateKey(folder, 'host_ed25519_key', { type: 'ed25519' }),
    openPrivateKey(folder, 'host_rsa_key', { type: 'rsa', bits: 3072 }),
  ]);
}
