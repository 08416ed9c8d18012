import { join } from 'node:path';
import ssh2 from 'ssh2';
import { FactoryError } from '../../errors/factory-error.ts';
import { openPrivateKey } from './private-key-file.ts';

/** The key by which the factory logs in to the SSH servers in the containers. */
export interface InnerKey {
  readonly privateKey: string;
  /** As a line of authorized_keys, for the containers. */
  readonly publicKey: string;
}

/** Reads it from `<data>/ssh/`, made on the first run. Rejects with `SSH_KEY_UNUSABLE`. */
export async function openInnerKey(data: string): Promise<InnerKey> {
  const privateKey = await openPrivateKey(join(data, 'ssh'), 'inner_ed25519_key', { type: 'ed25519' });
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) {
    throw new FactoryError('SSH_KEY_UNUSABLE', 'The key file ssh/inner_ed25519_key is broken.', {
      cause: parsed,
    });
  }
  return { privateKey, publicKey: `${parsed.type} ${parsed.getPublicSSH().toString('base64')}` };
}
