import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { publicKeySchema, type TokenKey, toPublicKey } from './token-key.ts';

/** The keys that verify tokens (RFC 7517, 5). Private halves are refused with everything else that does not belong there. */
export const jwksSchema = z.strictObject({ keys: z.array(publicKeySchema).max(1_000) });

export type Jwks = z.output<typeof jwksSchema>;

/** Finds the key of that name; undefined where there is none. */
export interface VerificationKeys {
  find(kid: string): Promise<KeyObject | undefined>;
}

export function jwksOf(keys: readonly TokenKey[]): Jwks {
  return { keys: keys.map(toPublicKey) };
}

export function keysOf({ keys }: Jwks): ReadonlyMap<string, KeyObject> {
  return new Map(keys.map((jwk) => [jwk.kid, createPublicKey({ key: { ...jwk }, format: 'jwk' })]));
}
