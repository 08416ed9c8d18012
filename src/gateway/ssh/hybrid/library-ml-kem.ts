import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import type { DecapsulationKey, MlKem } from './ml-kem.ts';

/** ML-KEM in JavaScript. */
export const libraryMlKem: MlKem = {
  generate: () => libraryKey(ml_kem768.keygen()),
  encapsulate: (publicKey) => {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey);
    return { ciphertext: Buffer.from(cipherText), secret: Buffer.from(sharedSecret) };
  },
};

/** The key pair of a test vector, or a fresh one. */
export function libraryKey(pair: { publicKey: Uint8Array; secretKey: Uint8Array }): DecapsulationKey {
  return {
    publicKey: Buffer.from(pair.publicKey),
    decapsulate: (ciphertext) => Buffer.from(ml_kem768.decapsulate(ciphertext, pair.secretKey)),
  };
}
