import { createHash } from 'node:crypto';
import { bitLength, type KeyMaterial, readKeyBlob } from './key-material.ts';

/**
 * An SSH public key: its type and its wire form (RFC 4253 §6.6), compared as bytes. Comments and options of the line that
 * it came from are not part of it.
 */
export interface PublicKey {
  /** "ssh-ed25519", "sk-ssh-ed25519@openssh.com", … */
  readonly type: string;
  readonly blob: Buffer;
  /** "SHA256:" and unpadded base64, as ssh-keygen -l prints it. */
  readonly fingerprint: string;
}

/** What a wire form turned out to be. */
export type KeyReading =
  | { readonly kind: 'usable'; readonly key: PublicKey }
  /** A key, but not one that may log in; `reason` is a short phrase for people. */
  | { readonly kind: 'unusable'; readonly key: PublicKey; readonly reason: string }
  /** Not a public key. */
  | { readonly kind: 'malformed' };

/** Bits. NIST SP 800-131A ends smaller ones; OpenSSH refuses larger ones, that take a verifier too long. */
const RSA_BITS = { least: 2048, most: 16384 } as const;

/** Reads a key's wire form, as it stands in an authorized_keys line (after base64) and as a client offers it. */
export function readPublicKey(blob: Buffer): KeyReading {
  const content = readKeyBlob(blob);
  if (content.kind === 'malformed') return { kind: 'malformed' };
  const key: PublicKey = { type: content.type, blob, fingerprint: fingerprintOf(blob) };
  const reason = content.kind === 'other' ? foreignType(content.type) : weakness(content.material);
  return reason === undefined ? { kind: 'usable', key } : { kind: 'unusable', key, reason };
}

/** Exactly the same key: the same type and the same bytes. */
export function isSameKey(a: PublicKey, b: PublicKey): boolean {
  return a.type === b.type && a.blob.equals(b.blob);
}

function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function foreignType(type: string): string {
  if (/-cert-v\d+@openssh\.com$/.test(type)) return 'certificates are not accepted';
  if (type === 'ssh-dss') return 'DSA keys are too weak';
  return 'this type of key is not known';
}

function weakness(material: KeyMaterial): string | undefined {
  if (material.kind !== 'rsa') return undefined;
  const bits = bitLength(material.modulus);
  if (bits < RSA_BITS.least) return `RSA keys need ${RSA_BITS.least} bits, this one has ${bits}`;
  if (bits > RSA_BITS.most) return `RSA keys may have ${RSA_BITS.most} bits, this one has ${bits}`;
  return undefined;
}
