import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { type KeyMaterial, readKeyBlob } from './key-material.ts';
import type { PublicKey } from './public-key.ts';
import { WireReader } from './wire-reader.ts';

/** The hash of each signature algorithm; ed25519 has its own inside. SHA-1 ("ssh-rsa") is not among them. */
const ALGORITHMS: ReadonlyMap<string, { readonly keyType: string; readonly hash: string | null }> = new Map([
  ['ssh-ed25519', { keyType: 'ssh-ed25519', hash: null }],
  ['sk-ssh-ed25519@openssh.com', { keyType: 'sk-ssh-ed25519@openssh.com', hash: null }],
  ['ecdsa-sha2-nistp256', { keyType: 'ecdsa-sha2-nistp256', hash: 'sha256' }],
  ['ecdsa-sha2-nistp384', { keyType: 'ecdsa-sha2-nistp384', hash: 'sha384' }],
  ['ecdsa-sha2-nistp521', { keyType: 'ecdsa-sha2-nistp521', hash: 'sha512' }],
  ['sk-ecdsa-sha2-nistp256@openssh.com', { keyType: 'sk-ecdsa-sha2-nistp256@openssh.com', hash: 'sha256' }],
  ['rsa-sha2-256', { keyType: 'ssh-rsa', hash: 'sha256' }],
  ['rsa-sha2-512', { keyType: 'ssh-rsa', hash: 'sha512' }],
]);

/**
 * Verifies the signature of a publickey authentication (RFC 4252 §7) for every key type that may log in. Never throws.
 *
 * @param algorithm the signature algorithm's name on the wire, as {@link signatureAlgorithm} gives it
 * @param signedData what was signed: ssh2's `ctx.blob`
 * @param signature what ssh2 hands out as `ctx.signature`: the signature blob without its leading algorithm name and
 *   length, ecdsa as DER. For security keys that is the bare signature (ed25519: 64 bytes; ecdsa: mpint r, mpint s),
 *   then the flags byte and the counter (uint32).
 */
export function verifySignature(
  key: PublicKey,
  algorithm: string,
  signedData: Buffer,
  signature: Buffer,
): boolean {
  const rule = ALGORITHMS.get(algorithm);
  const content = readKeyBlob(key.blob);
  if (rule === undefined || content.kind !== 'material') return false;
  if (rule.keyType !== key.type || rule.keyType !== content.type) return false;
  try {
    return verifyWith(content.material, rule.hash, signedData, signature);
  } catch {
    // node:crypto throws for numbers that are no key, a point off the curve for instance.
    return false;
  }
}

/** The name on the wire of what ssh2 splits into `ctx.key.algo` and `ctx.hashAlgo` (RFC 8332 §3). */
export function signatureAlgorithm(keyAlgorithm: string, hashAlgorithm: string | undefined): string {
  if (keyAlgorithm !== 'ssh-rsa' || hashAlgorithm === undefined) return keyAlgorithm;
  return hashAlgorithm.replace(/^sha/, 'rsa-sha2-');
}

function verifyWith(material: KeyMaterial, hash: string | null, data: Buffer, signature: Buffer): boolean {
  const keyObject = toKeyObject(material);
  if (material.kind !== 'rsa' && material.application !== undefined) {
    return verifySecurityKey(keyObject, material.kind, material.application, data, signature);
  }
  if (material.kind === 'ecdsa') return verify(hash, data, { key: keyObject, dsaEncoding: 'der' }, signature);
  if (material.kind === 'rsa')
    return verify(hash, data, keyObject, padRsa(signature, material.modulus.length));
  return verify(null, data, keyObject, signature);
}

/** Bit 0 of the flags: somebody touched the key. OpenSSH's sshd requires it too. */
const USER_PRESENT = 0x01;

/** OpenSSH's PROTOCOL.u2f, "SSH U2F signatures". */
function verifySecurityKey(
  keyObject: KeyObject,
  kind: 'ed25519' | 'ecdsa',
  application: Buffer,
  data: Buffer,
  signature: Buffer,
): boolean {
  const reader = new WireReader(signature);
  const inner = kind === 'ed25519' ? reader.bytes(64) : readP256Signature(reader);
  const flags = reader.bytes(1);
  const counter = reader.bytes(4);
  if (inner === undefined || flags === undefined || counter === undefined || !reader.atEnd) return false;
  if ((flags.readUInt8() & USER_PRESENT) === 0) return false;
  const signed = Buffer.concat([sha256(application), flags, counter, sha256(data)]);
  if (kind === 'ed25519') return verify(null, signed, keyObject, inner);
  return verify('sha256', signed, { key: keyObject, dsaEncoding: 'ieee-p1363' }, inner);
}

/** The mpints r and s as two numbers of 32 bytes, the form that node:crypto calls ieee-p1363. */
function readP256Signature(reader: WireReader): Buffer | undefined {
  const r = reader.positiveInteger();
  const s = reader.positiveInteger();
  if (r === undefined || s === undefined || r.length > 32 || s.length > 32) return undefined;
  return Buffer.concat([Buffer.alloc(32 - r.length), r, Buffer.alloc(32 - s.length), s]);
}

/** Some signers drop leading zeros; RFC 8332 §3 wants the modulus' length, and OpenSSH fills up as well. */
function padRsa(signature: Buffer, length: number): Buffer {
  return Buffer.concat([Buffer.alloc(Math.max(0, length - signature.length)), signature]);
}

function toKeyObject(material: KeyMaterial): KeyObject {
  return createPublicKey({ key: toJwk(material), format: 'jwk' });
}

/** RFC 7518 §6 and RFC 8037 §2. */
function toJwk(material: KeyMaterial): JsonWebKey {
  switch (material.kind) {
    case 'ed25519':
      return { kty: 'OKP', crv: 'Ed25519', x: material.point.toString('base64url') };
    case 'ecdsa':
      return {
        kty: 'EC',
        crv: material.curve,
        x: material.x.toString('base64url'),
        y: material.y.toString('base64url'),
      };
    case 'rsa':
      return {
        kty: 'RSA',
        e: material.exponent.toString('base64url'),
        n: material.modulus.toString('base64url'),
      };
  }
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
