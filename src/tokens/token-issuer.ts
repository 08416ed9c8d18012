import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { FactoryError } from '../errors/factory-error.ts';
import type { Clock } from '../time/clock.ts';
import { inWords } from '../words/time-span.ts';
import { claimsOf, readClaims } from './claims.ts';
import { LONGEST_LIFETIME } from './lifetimes.ts';
import type { Audience, Principal } from './principal.ts';
import type { TokenKey } from './token-key.ts';
import type { IssuedToken, TokenIssuer } from './tokens.ts';

/** `typ` of the header (RFC 7519, 5.1). */
export const TOKEN_TYPE = 'JWT';

/** The one algorithm there is; what a token says of it only ever has to be the same. */
export const ALGORITHM = 'EdDSA';

/** ms */
const SHORTEST_LIFETIME = 1_000;

export interface TokenIssuerOptions {
  /** `iss` */
  readonly issuer: string;
  readonly keys: { current(): TokenKey };
  readonly clock: Clock;
}

/** Its `issue` rejects with `REQUEST_INVALID` for a lifetime that the role may not have, and for names that no token holds. */
export function createTokenIssuer({ issuer, keys, clock }: TokenIssuerOptions): TokenIssuer {
  return {
    async issue(principal, audience, lifetime): Promise<IssuedToken> {
      assertLifetime(principal, lifetime);
      // Which key signs, and when, are of one moment: the key is kept for what it can have signed by then.
      const now = clock.now();
      const key = keys.current();
      const claims = allClaims(principal, audience, { issuer, now, lifetime });
      const { expiresAt } = checked(claims, now);
      const header = { alg: ALGORITHM, kid: key.kid, typ: TOKEN_TYPE };
      const token = await new SignJWT(claims).setProtectedHeader(header).sign(key.privateKey);
      return { token, expiresAt };
    },
  };
}

function allClaims(
  principal: Principal,
  audience: Audience,
  { issuer, now, lifetime }: { readonly issuer: string; readonly now: number; readonly lifetime: number },
) {
  return {
    ...claimsOf(principal),
    iss: issuer,
    aud: audience,
    // To the millisecond: a token that is made right after a revocation is not void.
    iat: now / 1_000,
    nbf: Math.floor(now / 1_000),
    exp: Math.floor((now + lifetime) / 1_000),
    jti: randomUUID(),
  };
}

function assertLifetime({ role }: Principal, lifetime: number): void {
  const longest = LONGEST_LIFETIME[role];
  if (lifetime >= SHORTEST_LIFETIME && lifetime <= longest) return;
  throw new FactoryError(
    'REQUEST_INVALID',
    `A token for the role ${role} lasts a second at least and ${inWords(longest)} at most; ask for one of that.`,
  );
}

/** Nothing is signed that would be refused. */
function checked(claims: object, now: number) {
  try {
    return readClaims(claims, now);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new FactoryError('REQUEST_INVALID', `No token can be made so: ${z.prettifyError(error)}.`);
  }
}
