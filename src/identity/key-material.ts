import { WireReader } from './wire-reader.ts';

export type EcCurve = 'P-256' | 'P-384' | 'P-521';

/** The numbers in a public key of a type that may log in. All are big-endian and of exact length. */
export type KeyMaterial =
  /** `application`: for a security key, what it was made for ("ssh:"); its hash is part of what is signed. */
  | { readonly kind: 'ed25519'; readonly point: Buffer; readonly application: Buffer | undefined }
  | {
      readonly kind: 'ecdsa';
      readonly curve: EcCurve;
      readonly x: Buffer;
      readonly y: Buffer;
      readonly application: Buffer | undefined;
    }
  | { readonly kind: 'rsa'; readonly exponent: Buffer; readonly modulus: Buffer };

/** Reads what follows the type name. */
type ReadMaterial = (reader: WireReader) => KeyMaterial | undefined;

/** By the key's type name. */
const READERS: ReadonlyMap<string, ReadMaterial> = new Map<string, ReadMaterial>([
  ['ssh-ed25519', (reader) => readEd25519(reader, false)],
  ['sk-ssh-ed25519@openssh.com', (reader) => readEd25519(reader, true)],
  ['ecdsa-sha2-nistp256', (reader) => readEcdsa(reader, 'nistp256', 'P-256', 32, false)],
  ['ecdsa-sha2-nistp384', (reader) => readEcdsa(reader, 'nistp384', 'P-384', 48, false)],
  ['ecdsa-sha2-nistp521', (reader) => readEcdsa(reader, 'nistp521', 'P-521', 66, false)],
  ['sk-ecdsa-sha2-nistp256@openssh.com', (reader) => readEcdsa(reader, 'nistp256', 'P-256', 32, true)],
  ['ssh-rsa', readRsa],
]);

/** What a blob holds: a type that is not ours (`other`), or one of ours, well-formed or not. */
export type BlobContent =
  | { readonly kind: 'material'; readonly type: string; readonly material: KeyMaterial }
  | { readonly kind: 'other'; readonly type: string }
  | { readonly kind: 'malformed' };

const TYPE_NAME = /^[A-Za-z0-9][A-Za-z0-9@._-]{0,63}$/;

/**
 * Takes a key's wire form apart: RFC 4253 §6.6 (rsa), RFC 5656 §3.1 (ecdsa), RFC 8709 §4 (ed25519), OpenSSH's
 * PROTOCOL.u2f (sk-…). A byte too many or too few is malformed.
 */
export function readKeyBlob(blob: Buffer): BlobContent {
  const reader = new WireReader(blob);
  const type = reader.string()?.toString('latin1');
  if (type === undefined || !TYPE_NAME.test(type)) return { kind: 'malformed' };
  const readMaterial = READERS.get(type);
  if (readMaterial === undefined) return { kind: 'other', type };
  const material = readMaterial(reader);
  if (material === undefined || !reader.atEnd) return { kind: 'malformed' };
  return { kind: 'material', type, material };
}

function readEd25519(reader: WireReader, securityKey: boolean): KeyMaterial | undefined {
  const point = reader.string();
  const application = securityKey ? reader.string() : undefined;
  if (point?.length !== 32 || (securityKey && application === undefined)) return undefined;
  return { kind: 'ed25519', point, application };
}

function readEcdsa(
  reader: WireReader,
  name: string,
  curve: EcCurve,
  size: number,
  securityKey: boolean,
): KeyMaterial | undefined {
  const innerName = reader.string()?.toString('latin1');
  const point = reader.string();
  const application = securityKey ? reader.string() : undefined;
  if (innerName !== name || (securityKey && application === undefined)) return undefined;
  const uncompressed = 0x04;
  if (point?.length !== 1 + 2 * size || point[0] !== uncompressed) return undefined;
  return { kind: 'ecdsa', curve, x: point.subarray(1, 1 + size), y: point.subarray(1 + size), application };
}

function readRsa(reader: WireReader): KeyMaterial | undefined {
  const exponent = reader.positiveInteger();
  const modulus = reader.positiveInteger();
  if (exponent === undefined || modulus === undefined) return undefined;
  return { kind: 'rsa', exponent, modulus };
}

/** The length in bits of a big-endian number without leading zero bytes. */
export function bitLength(magnitude: Buffer): number {
  return magnitude.length * 8 - Math.clz32(magnitude[0] ?? 0) + 24;
}
