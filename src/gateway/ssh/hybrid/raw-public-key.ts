import { createPublicKey, type KeyObject } from 'node:crypto';

/** A kind of public key that goes over the wire as its bytes alone. */
export interface RawKind {
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  /** What stands before them in a SubjectPublicKeyInfo in DER, which every Node reads. */
  readonly prefix: Buffer;
}

/** Throws where `bytes` are not one: their length, and what OpenSSL checks. */
export function readRaw(kind: RawKind, bytes: Buffer): KeyObject {
  if (bytes.length !== kind.length) throw new Error(`${kind.name} key of ${bytes.length} bytes`);
  return createPublicKey({ key: Buffer.concat([kind.prefix, bytes]), format: 'der', type: 'spki' });
}

export function exportRaw(kind: RawKind, key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(kind.prefix.length);
}
