import { createHash, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KeyExchangeMethod } from '../ssh2-patch.ts';
import type { MlKem } from './ml-kem.ts';
import { exportRaw, type RawKind, readRaw } from './raw-public-key.ts';

/** Bytes. */
const ENCAPSULATION_KEY = 1184;
const CIPHERTEXT = 1088;

const X25519: RawKind = {
  name: 'X25519',
  length: 32,
  prefix: Buffer.from('302a300506032b656e032100', 'hex'), // id-X25519, 1.3.101.110 (RFC 8410)
};

/** One side's X25519 key, for one exchange. */
export type MakeX25519 = () => KeyObject;

const freshX25519: MakeX25519 = () => generateKeyPairSync('x25519').privateKey;

/**
 * `mlkem768x25519-sha256` (draft-ietf-sshm-mlkem-hybrid-kex): secret from who breaks X25519 by a quantum computer later, and from
 * who breaks ML-KEM, unless it is the same one. C_INIT is an encapsulation key and an X25519 key, S_REPLY a ciphertext and
 * an X25519 key; the secret is the hash of both secrets. `start`'s `finish` and `answer` throw for what is no such message; that
 * an X25519 secret of zeros is refused (RFC 8731 §3) is OpenSSL's doing.
 */
export function mlkem768x25519(kem: MlKem, makeX25519: MakeX25519 = freshX25519): KeyExchangeMethod {
  return {
    name: 'mlkem768x25519-sha256',
    hash: 'sha256',
    start: () => {
      const kemKey = kem.generate();
      const own = makeX25519();
      return {
        init: Buffer.concat([kemKey.publicKey, publicHalf(own)]),
        finish: (reply) => {
          const { first, x25519 } = split(reply, CIPHERTEXT);
          return combine(kemKey.decapsulate(first), own, x25519);
        },
      };
    },
    answer: (init) => {
      const { first, x25519 } = split(init, ENCAPSULATION_KEY);
      const { ciphertext, secret } = kem.encapsulate(first);
      const own = makeX25519();
      return {
        reply: Buffer.concat([ciphertext, publicHalf(own)]),
        secret: combine(secret, own, x25519),
      };
    },
  };
}

function split(message: Buffer, length: number): { first: Buffer; x25519: Buffer } {
  const wanted = length + X25519.length;
  if (message.length !== wanted) throw new Error(`${message.length} bytes, where ${wanted} are due`);
  return { first: message.subarray(0, length), x25519: message.subarray(length) };
}

function publicHalf(privateKey: KeyObject): Buffer {
  return exportRaw(X25519, createPublicKey(privateKey));
}

/** K = HASH(K_PQ || K_CL): as bytes, where RFC 4253 has a number. */
function combine(kemSecret: Buffer, own: KeyObject, peer: Buffer): Buffer {
  const classic = diffieHellman({ privateKey: own, publicKey: readRaw(X25519, peer) });
  return createHash('sha256').update(kemSecret).update(classic).digest();
}
