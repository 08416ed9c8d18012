import type { KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { FactoryError } from '../errors/factory-error.ts';
import type { Clock } from '../time/clock.ts';
import { readClaims, type TokenFacts } from './claims.ts';
import type { VerificationKeys } from './jwks.ts';
import { CLOCK_TOLERANCE } from './lifetimes.ts';
import type { Audience } from './principal.ts';
import { ALGORITHM, TOKEN_TYPE } from './token-issuer.ts';
import type { TokenVerifier, VerifiedToken } from './tokens.ts';

/** Characters; more than any that is issued, and less than the headers that a server takes. */
const LONGEST_TOKEN = 8_192;

/** Which tokens are void before their time. */
export interface RevokedTokens {
  isRevoked(token: TokenFacts): boolean;
}

export interface TokenVerifierOptions {
  /** `iss`, exactly. */
  readonly issuer: string;
  readonly keys: VerificationKeys;
  /** None: the tokens of this service are too short-lived to be revoked. */
  readonly revoked?: RevokedTokens;
  readonly clock: Clock;
}

const headerSchema = z.strictObject({
  alg: z.literal(ALGORITHM),
  typ: z.literal(TOKEN_TYPE),
  kid: z.string().min(1).max(64),
});

export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  return {
    async verify(token, audience): Promise<VerifiedToken> {
      try {
        const { principal, issuedAt, expiresAt } = await verified(token, audience, options);
        return { principal, issuedAt, expiresAt };
      } catch (error) {
        throw refused(error);
      }
    },
  };
}

/** Rejects with what says why not. */
async function verified(
  token: string,
  audience: Audience,
  { issuer, keys, revoked, clock }: TokenVerifierOptions,
): Promise<TokenFacts> {
  if (token.length > LONGEST_TOKEN) throw new Refusal(`it has ${token.length} characters`);
  // Before any work with keys: only one algorithm, no parameters (`jwk`, `jku`, `crit`, …) beyond those that we write.
  const { kid } = headerSchema.parse(decodeProtectedHeader(token));
  const key = await keys.find(kid);
  if (key === undefined) throw new Refusal('its key is unknown');
  const now = clock.now();
  const facts = readClaims(await signedClaims(token, key, { issuer, audience, now }), now);
  if (revoked?.isRevoked(facts)) throw new Refusal(`it was revoked (jti ${facts.id})`);
  return facts;
}

async function signedClaims(
  token: string,
  key: KeyObject,
  { issuer, audience, now }: { readonly issuer: string; readonly audience: Audience; readonly now: number },
): Promise<unknown> {
  const { payload } = await jwtVerify(token, key, {
    algorithms: [ALGORITHM],
    typ: TOKEN_TYPE,
    issuer,
    audience,
    currentDate: new Date(now),
    clockTolerance: CLOCK_TOLERANCE / 1_000,
  });
  return payload;
}

/** Why a token is not taken, where no library says it. */
class Refusal extends Error {}

/** One message for all, so that nobody learns by trying; what was wrong is for the log, without anything of the token. */
function refused(error: unknown): FactoryError {
  return new FactoryError(
    'TOKEN_REFUSED',
    'The token is not valid, or not any more; ask for a new one (factory token create).',
    { detail: reasonOf(error) },
  );
}

/** A cause of the library's has the claims with it, so its text alone is kept. */
function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  if (error instanceof errors.JOSEError) return `${error.code}: ${error.message}`;
  if (error instanceof Refusal) return error.message;
  return error instanceof Error ? error.name : 'unknown';
}
