import {
  createHash,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import { type PublicKey, readPublicKey } from '../public-key.ts';
import { wireString } from '../wire-reader.ts';

/** A key pair of a test: a program's key, or a security key in software. */
export interface TestKey {
  readonly key: PublicKey;
  /** "type base64 comment", as in a .pub file. */
  readonly line: string;
  /** The signature blob of RFC 4253 §6.6 as an ssh-agent returns it. `flags` and `counter` matter to security keys. */
  sign(algorithm: string, data: Buffer, flags?: number, counter?: number): Buffer;
}

const CURVES = {
  'ecdsa-sha2-nistp256': { curve: 'P-256', name: 'nistp256', hash: 'sha256' },
  'ecdsa-sha2-nistp384': { curve: 'P-384', name: 'nistp384', hash: 'sha384' },
  'ecdsa-sha2-nistp521': { curve: 'P-521', name: 'nistp521', hash: 'sha512' },
} as const;

export const KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const;
export type KeyType = (typeof KEY_TYPES)[number];

const APPLICATION = 'ssh:';

export function makeTestKey(type: KeyType, rsaBits = 2048): TestKey {
  switch (type) {
    case 'ssh-ed25519':
    case 'sk-ssh-ed25519@openssh.com':
      return makeEd25519(type);
    case 'ssh-rsa':
      return makeRsa(rsaBits);
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return makeEcdsa(type, CURVES['ecdsa-sha2-nistp256']);
    default:
      return makeEcdsa(type, CURVES[type]);
  }
}

export function algorithmsOf(type: string): string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-256', 'rsa-sha2-512'] : [type];
}

function makeEd25519(type: KeyType): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const application = type.startsWith('sk-') ? [wireString(APPLICATION)] : [];
  const { x } = jwk(publicKey);
  return testKey([wireString(type), wireString(x), ...application], (algorithm, data, flags, counter) => {
    if (application.length === 0)
      return blob(algorithm, wireString(signBytes(null, data, privateKey)), Buffer.alloc(0));
    const tail = securityTail(flags, counter);
    return blob(algorithm, wireString(signBytes(null, securityData(data, tail), privateKey)), tail);
  });
}

function makeEcdsa(type: KeyType, { curve, name, hash }: (typeof CURVES)[keyof typeof CURVES]): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const application = type.startsWith('sk-') ? [wireString(APPLICATION)] : [];
  const { x, y } = jwk(publicKey);
  const point = wireString(Buffer.concat([Buffer.of(4), x, y]));
  const parts = [wireString(type), wireString(name), point, ...application];
  return testKey(parts, (algorithm, data, flags, counter) => {
    const tail = application.length === 0 ? Buffer.alloc(0) : securityTail(flags, counter);
    const signed = application.length === 0 ? data : securityData(data, tail);
    const pair = signBytes(hash, signed, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const [r, s] = [pair.subarray(0, pair.length / 2), pair.subarray(pair.length / 2)];
    return blob(algorithm, wireString(Buffer.concat([mpint(r), mpint(s)])), tail);
  });
}

function makeRsa(bits: number): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const { e, n } = jwk(publicKey);
  return testKey([wireString('ssh-rsa'), mpint(e), mpint(n)], (algorithm, data) => {
    const hash = algorithm === 'ssh-rsa' ? 'sha1' : algorithm.replace('rsa-sha2-', 'sha');
    return blob(algorithm, wireString(signBytes(hash, data, privateKey)), Buffer.alloc(0));
  });
}

type Sign = (algorithm: string, data: Buffer, flags: number, counter: number) => Buffer;

function testKey(parts: Buffer[], sign: Sign): TestKey {
  const reading = readPublicKey(Buffer.concat(parts));
  if (reading.kind === 'malformed') throw new Error('the test made a malformed key');
  return {
    key: reading.key,
    line: `${reading.key.type} ${reading.key.blob.toString('base64')} a test`,
    sign: (algorithm, data, flags = 1, counter = 7) => sign(algorithm, data, flags, counter),
  };
}

function blob(algorithm: string, signature: Buffer, tail: Buffer): Buffer {
  return Buffer.concat([wireString(algorithm), signature, tail]);
}

function securityTail(flags: number, counter: number): Buffer {
  const tail = Buffer.alloc(5);
  tail.writeUInt8(flags, 0);
  tail.writeUInt32BE(counter, 1);
  return tail;
}

function securityData(data: Buffer, tail: Buffer): Buffer {
  const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();
  return Buffer.concat([sha256(APPLICATION), tail, sha256(data)]);
}

export function mpint(magnitude: Buffer): Buffer {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const trimmed = start < 0 ? Buffer.alloc(0) : magnitude.subarray(start);
  return wireString((trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed);
}

function jwk(key: KeyObject): Record<'x' | 'y' | 'e' | 'n', Buffer> {
  const exported: JsonWebKey = key.export({ format: 'jwk' });
  const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');
  return { x: bytes(exported.x), y: bytes(exported.y), e: bytes(exported.e), n: bytes(exported.n) };
}
