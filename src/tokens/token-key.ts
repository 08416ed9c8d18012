import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { z } from 'zod';

/** A key that signs tokens: Ed25519 (RFC 8032). Times in ms since the epoch. */
export interface TokenKey {
  /** Its thumbprint (RFC 7638), in base64url. */
  readonly kid: string;
  readonly madeAt: number;
  /** From when on it signs, until the next key does. It is published before, so that who keeps the set of keys knows it by then. */
  readonly signsFrom: number;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** 32 bytes in base64url (RFC 8037, 2). */
const half = z.string().regex(/^[\w-]{43}$/, { error: 'must be 32 bytes in base64url' });
const time = z.iso.datetime().transform((text) => Date.parse(text));

/** As the file of the data folder has it. */
export const keptKeySchema = z.strictObject({
  kid: half,
  made_at: time,
  signs_from: time,
  /** A private JWK (RFC 8037). */
  jwk: z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: half, d: half }),
});

/** As the public set of keys has it (RFC 7517). */
export const publicKeySchema = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: half,
  kid: half,
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
});

export type PublicKey = z.output<typeof publicKeySchema>;

export async function makeTokenKey(times: Pick<TokenKey, 'madeAt' | 'signsFrom'>): Promise<TokenKey> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ed25519');
  return { ...times, kid: await thumbprintOf(publicKey), privateKey, publicKey };
}

/** Rejects where the two halves or the name of the key do not belong together. */
export async function readTokenKey(kept: z.output<typeof keptKeySchema>): Promise<TokenKey> {
  const privateKey = createPrivateKey({ key: kept.jwk, format: 'jwk' });
  const publicKey = createPublicKey(privateKey);
  const kid = await thumbprintOf(publicKey);
  if (kid !== kept.kid || publicKey.export({ format: 'jwk' }).x !== kept.jwk.x) {
    throw new Error(`the parts of the key ${kept.kid} do not belong together`);
  }
  return { kid, madeAt: kept.made_at, signsFrom: kept.signs_from, privateKey, publicKey };
}

export function toKeptKey({ kid, madeAt, signsFrom, privateKey }: TokenKey): z.input<typeof keptKeySchema> {
  const { x = '', d = '' } = privateKey.export({ format: 'jwk' });
  return {
    kid,
    made_at: new Date(madeAt).toISOString(),
    signs_from: new Date(signsFrom).toISOString(),
    jwk: { kty: 'OKP', crv: 'Ed25519', x, d },
  };
}

export function toPublicKey({ kid, publicKey }: TokenKey): PublicKey {
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' };
}

function thumbprintOf(publicKey: KeyObject): Promise<string> {
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const jwk: JWK = { kty: 'OKP', crv: 'Ed25519', x };
  return calculateJwkThumbprint(jwk);
}
