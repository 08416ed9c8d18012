import { decodeJwt, SignJWT } from 'jose';
import { type Clock, systemClock } from '../../time/clock.ts';
import { AUDIENCE, type Audience, type Principal } from '../../tokens/principal.ts';
import type { Revocation } from '../../tokens/revocation.ts';
import { createTokenIssuer } from '../../tokens/token-issuer.ts';
import { makeTokenKey, type TokenKey } from '../../tokens/token-key.ts';

/** What tokens of a factory are made with, the good ones and the bad ones. */
export interface Mint {
  /** `iss` */
  readonly issuer: string;
  readonly keys: { current(): TokenKey };
  /** Of the service that the good ones are for; absent: the API. */
  readonly audience?: Audience;
  revoke(revocation: Revocation): Promise<void>;
}

const MINUTE = 60_000;
/** ms */
const LIFETIME = 5 * MINUTE;

export async function goodToken(principal: Principal, mint: Mint): Promise<string> {
  return issued(principal, mint);
}

/** Tokens that are wrong in one way each, and would be good for `principal` without that. `other`: whose claims are tampered with. */
export const BAD_TOKENS = {
  expired: (principal, mint) => issued(principal, { ...mint, clock: ago(LIFETIME + MINUTE) }),
  not_yet_valid: (principal, mint) => issued(principal, { ...mint, clock: ago(-MINUTE) }),
  wrong_audience: (principal, mint) => issued(principal, { ...mint, audience: otherThan(mint.audience) }),
  wrong_issuer: (principal, mint) => issued(principal, { ...mint, issuer: 'urn:ssh-lab-factory:zzzzzzzz' }),
  alg_none: async (principal, mint) => {
    const [header, claims] = (await issued(principal, mint)).split('.');
    return `${changed(header, { alg: 'none' })}.${claims}.`;
  },
  hs256_with_the_public_key: async (principal, mint) => {
    const { kid, publicKey } = mint.keys.current();
    const secret = new TextEncoder().encode(publicKey.export({ type: 'spki', format: 'pem' }).toString());
    const header = { alg: 'HS256', typ: 'JWT', kid };
    return new SignJWT(decodeJwt(await issued(principal, mint))).setProtectedHeader(header).sign(secret);
  },
  tampered_signature: async (principal, mint) => {
    const token = await issued(principal, mint);
    const at = token.lastIndexOf('.') + 10;
    return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
  },
  tampered_claims: async (principal, mint) => {
    const own: Principal = { role: 'instructor', name: 'nobody', groups: ['none'] };
    const [, wanted] = (await issued(principal, mint)).split('.');
    const [header, , signature] = (await issued(own, mint)).split('.');
    return `${header}.${wanted}.${signature}`;
  },
  signed_by_a_stranger: async (principal, mint) => {
    const { kid, madeAt, signsFrom } = mint.keys.current();
    const stranger = { ...(await makeTokenKey({ madeAt, signsFrom })), kid };
    return issued(principal, { ...mint, keys: { current: () => stranger } });
  },
  of_an_unknown_key: async (principal, mint) => {
    const { madeAt, signsFrom } = mint.keys.current();
    const stranger = await makeTokenKey({ madeAt, signsFrom });
    return issued(principal, { ...mint, keys: { current: () => stranger } });
  },
  revoked: async (principal, mint) => {
    const token = await issued(principal, mint);
    const { jti = '' } = decodeJwt(token);
    await mint.revoke({ kind: 'id', id: jti });
    return token;
  },
  without_signature: async (principal, mint) => {
    const token = await issued(principal, mint);
    return token.slice(0, token.lastIndexOf('.') + 1);
  },
  no_token_at_all: async () => 'letmein',
} as const satisfies Record<string, (principal: Principal, mint: Mint) => Promise<string>>;

export type BadToken = keyof typeof BAD_TOKENS;

interface Recipe extends Pick<Mint, 'issuer' | 'keys'> {
  readonly clock?: Clock;
  readonly audience?: Audience;
}

async function issued(
  principal: Principal,
  { issuer, keys, clock = systemClock, audience = AUDIENCE.api }: Recipe,
): Promise<string> {
  const { token } = await createTokenIssuer({ issuer, keys, clock }).issue(principal, audience, LIFETIME);
  return token;
}

function otherThan(audience: Audience = AUDIENCE.api): Audience {
  return audience === AUDIENCE.api ? AUDIENCE.clusterService : AUDIENCE.api;
}

/** A clock that is behind by so much. */
function ago(ms: number): Clock {
  return { ...systemClock, now: () => systemClock.now() - ms };
}

function changed(part: string | undefined, values: object): string {
  const before: object = JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
  return Buffer.from(JSON.stringify({ ...before, ...values })).toString('base64url');
}
