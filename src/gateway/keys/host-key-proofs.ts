import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { WireReader, wireString } from '../../identity/wire-reader.ts';
import type { HostKey } from './host-keys.ts';

const signWith = promisify<string | null, Buffer, KeyObject, Buffer>(sign);

/** A host key as the proofs need it, read once for all connections. */
export interface ProvableKey {
  readonly blob: Buffer;
  readonly type: 'ssh-ed25519' | 'ssh-rsa';
  readonly secret: KeyObject;
}

/**
 * The keys to announce. None where one in use is of another type (an operator's own, ECDSA): it could not be proven here, and a client
 * forgets what is left out.
 */
export function provableKeys(keys: readonly HostKey[]): readonly ProvableKey[] {
  const provable = keys.map(toProvable);
  if (keys.some(({ isInUse }, index) => isInUse && provable[index] === undefined)) return [];
  return provable.flatMap((key) => key ?? []);
}

function toProvable({ privateKey, publicKey: { type, blob } }: HostKey): ProvableKey | undefined {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error || (type !== 'ssh-ed25519' && type !== 'ssh-rsa')) return undefined;
  return { blob, type, secret: createPrivateKey(parsed.getPrivatePEM()) };
}

/**
 * Proves to one client that the factory has the private halves of its host keys (OpenSSH's PROTOCOL §2.5). Each key is proven once
 * in a connection, as a client asks: an RSA signature takes milliseconds, so nobody gets them without end.
 */
export class HostKeyProofs {
  readonly #sessionId: Buffer;
  readonly #rsaAlgorithm: RsaAlgorithm;
  readonly #unproven: Map<string, ProvableKey>;

  /** `hostKeyAlgorithm`: of the key exchange, by which RSA keys sign where it is one of theirs. */
  constructor(keys: readonly ProvableKey[], sessionId: Buffer, hostKeyAlgorithm: string | undefined) {
    this.#sessionId = sessionId;
    this.#rsaAlgorithm = hostKeyAlgorithm === 'rsa-sha2-256' ? 'rsa-sha2-256' : 'rsa-sha2-512';
    this.#unproven = new Map(keys.map((key) => [key.blob.toString('latin1'), key]));
  }

  /** The reply to what came in the request; undefined: it is refused, as a whole. */
  async prove(request: Buffer): Promise<Buffer | undefined> {
    const keys = this.#take(request);
    if (keys === undefined) return undefined;
    return Buffer.concat(await Promise.all(keys.map(async (key) => wireString(await this.#sign(key)))));
  }

  /** Before the first signature: a request that is wrong at its end costs nothing, and two at once get no key twice. */
  #take(request: Buffer): readonly ProvableKey[] | undefined {
    const reader = new WireReader(request);
    const asked = new Map<string, ProvableKey>();
    while (!reader.atEnd) {
      const name = reader.string()?.toString('latin1');
      const key = name === undefined ? undefined : this.#unproven.get(name);
      if (name === undefined || key === undefined || asked.has(name)) return undefined;
      asked.set(name, key);
    }
    if (asked.size === 0) return undefined;
    for (const name of asked.keys()) this.#unproven.delete(name);
    return [...asked.values()];
  }

  async #sign({ type, blob, secret }: ProvableKey): Promise<Buffer> {
    const signed = Buffer.concat([PROVE, this.#sessionId, blob].map(wireString));
    if (type === 'ssh-ed25519') return signature(type, await signWith(null, signed, secret));
    const algorithm = this.#rsaAlgorithm;
    return signature(algorithm, await signWith(RSA_HASHES[algorithm], signed, secret));
  }
}

const PROVE = Buffer.from('hostkeys-prove-00@openssh.com');

/** RFC 8332 §3. SHA-1 signs nothing here. */
const RSA_HASHES = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' } as const;
type RsaAlgorithm = keyof typeof RSA_HASHES;

/** RFC 4253 §6.6 */
function signature(algorithm: string, bytes: Buffer): Buffer {
  return Buffer.concat([wireString(algorithm), wireString(bytes)]);
}
