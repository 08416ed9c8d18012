import crypto, { type KeyObject } from 'node:crypto';
import type { DecapsulationKey, Encapsulation, MlKem } from './ml-kem.ts';
import { exportRaw, type RawKind, readRaw } from './raw-public-key.ts';

const KIND: RawKind = {
  name: 'ml-kem-768',
  length: 1184,
  // SubjectPublicKeyInfo up to the key itself: id-alg-ml-kem-768, 2.16.840.1.101.3.4.4.2 (draft-ietf-lamps-kyber-certificates).
  prefix: Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex'),
};

/** ML-KEM of Node 24.7 and newer with OpenSSL 3.5 or newer; undefined elsewhere. */
export function nativeMlKem(): MlKem | undefined {
  // Not there in Node 22, whatever its types say.
  if (typeof crypto.encapsulate !== 'function') return undefined;
  try {
    generate();
  } catch {
    return undefined; // built with an older OpenSSL
  }
  return { generate, encapsulate };
}

/** The key pair of a test vector, or a fresh one. */
export function nativeKey(privateKey: KeyObject): DecapsulationKey {
  return {
    publicKey: exportRaw(KIND, crypto.createPublicKey(privateKey)),
    decapsulate: (ciphertext) => crypto.decapsulate(privateKey, ciphertext),
  };
}

function generate(): DecapsulationKey {
  return nativeKey(crypto.generateKeyPairSync('ml-kem-768').privateKey);
}

function encapsulate(publicKey: Buffer): Encapsulation {
  const { ciphertext, sharedKey } = crypto.encapsulate(readRaw(KIND, publicKey));
  return { ciphertext, secret: sharedKey };
}
