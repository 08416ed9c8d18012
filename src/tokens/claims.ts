import { z } from 'zod';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import { CLOCK_TOLERANCE, LONGEST_LIFETIME } from './lifetimes.ts';
import type { Principal } from './principal.ts';

/** How many groups one token may name; with names of 64 characters it stays a header that every server takes. */
const MOST_GROUPS = 32;

const personName = z.string().regex(/^[\w.@-]{1,64}$/, {
  error: 'must have 1 to 64 letters, digits, and of . _ @ -',
});
const groupName = z
  .string()
  .regex(/^[^\p{Cc}]{1,64}$/u, { error: 'must be one line of at most 64 characters' });

/** NumericDate (RFC 7519, 2): seconds since the epoch, here with up to three decimals. Becomes ms. */
const numericDate = z
  .number()
  .min(0)
  .max(2 ** 40)
  .transform((seconds) => Math.round(seconds * 1_000));

/** What the claims of all tokens have; who they speak for is for `principalClaims`. */
const timeClaims = z.object({ iat: numericDate, nbf: numericDate, exp: numericDate, jti: z.uuid() });

const registered = {
  iss: z.string(),
  aud: z.string(),
  iat: z.number(),
  nbf: z.number(),
  exp: z.number(),
  jti: z.string(),
};

/** Strict: a claim that this version does not know may be one that limits what the token is for. */
const principalClaims = z.discriminatedUnion('role', [
  z.strictObject({ ...registered, role: z.literal('student'), sub: z.string(), lab: z.string() }),
  z.strictObject({
    ...registered,
    role: z.literal('instructor'),
    sub: personName,
    groups: z.array(groupName).min(1).max(MOST_GROUPS),
  }),
  z.strictObject({ ...registered, role: z.literal('admin'), sub: personName }),
  z.strictObject({ ...registered, role: z.literal('gateway'), sub: personName }),
]);

/** What a token says, validated. Times in ms since the epoch. */
export interface TokenFacts {
  readonly principal: Principal;
  /** `jti`: a UUID. */
  readonly id: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The claims that say whose token it is. */
export function claimsOf(principal: Principal): Readonly<Record<string, unknown>> {
  switch (principal.role) {
    case 'student':
      return { role: principal.role, sub: principal.key.user, lab: principal.key.lab };
    case 'instructor':
      return { role: principal.role, sub: principal.name, groups: principal.groups };
    case 'admin':
    case 'gateway':
      return { role: principal.role, sub: principal.name };
  }
}

/** Reads claims whose signature, issuer and audience are right. Throws a `ZodError`, whose text has nothing of their values. */
export function readClaims(claims: unknown, now: number): TokenFacts {
  const { iat: issuedAt, exp: expiresAt, jti: id } = timeClaims.parse(claims);
  const principal = principalOf(principalClaims.parse(claims));
  if (issuedAt > now + CLOCK_TOLERANCE) throw mistake('iat', 'is ahead');
  // What the keys are kept for: a token that lasts for longer is none that this factory has made.
  if (expiresAt - issuedAt > LONGEST_LIFETIME[principal.role]) throw mistake('exp', 'is too far from iat');
  return { principal, id, issuedAt, expiresAt };
}

function principalOf(claims: z.output<typeof principalClaims>): Principal {
  switch (claims.role) {
    case 'student': {
      const user = parseUsername(claims.sub);
      const lab = parseLabName(claims.lab);
      if (user === undefined) throw mistake('sub', 'is no user name');
      if (lab === undefined) throw mistake('lab', 'is no lab name');
      return { role: claims.role, key: { user, lab } };
    }
    case 'instructor':
      return { role: claims.role, name: claims.sub, groups: claims.groups };
    case 'admin':
    case 'gateway':
      return { role: claims.role, name: claims.sub };
  }
}

function mistake(claim: string, message: string): z.ZodError {
  return new z.ZodError([{ code: 'custom', path: [claim], message, input: undefined }]);
}
