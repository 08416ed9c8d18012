import type { Principal } from '../../tokens/principal.ts';
import { BAD_TOKENS, type BadToken, goodToken, type Mint } from './caller-tokens.ts';

/*
 * What callers send, for every door that takes tokens: those who have a good one, and those who have none.
 */

export type Header = readonly [name: string, value: string];

export interface Sender {
  readonly headers: (mint: Mint) => Promise<readonly Header[]>;
}

export function bearer(principal: Principal): Sender {
  return { headers: async (mint) => [['Authorization', `Bearer ${await goodToken(principal, mint)}`]] };
}

/** Every kind of caller without a valid token. `good`: who would be let in by a token that is right. */
export function invalidCallers(good: Principal) {
  return {
    missing: { headers: async () => [] },
    empty: { headers: async () => [['Authorization', '']] },
    not_bearer: { headers: async (mint) => [['Authorization', `Basic ${await goodToken(good, mint)}`]] },
    scheme_alone: { headers: async () => [['Authorization', 'Bearer']] },
    two_headers: {
      headers: async (mint) => {
        const value = `Bearer ${await goodToken(good, mint)}`;
        return [
          ['Authorization', value],
          ['Authorization', value],
        ];
      },
    },
    two_tokens_in_one_header: {
      headers: async (mint) => {
        const value = `Bearer ${await goodToken(good, mint)}`;
        return [['Authorization', `${value}, ${value}`]];
      },
    },
    token_in_a_cookie: { headers: async (mint) => [['Cookie', `token=${await goodToken(good, mint)}`]] },
    expired: bad('expired', good),
    not_yet_valid: bad('not_yet_valid', good),
    wrong_audience: bad('wrong_audience', good),
    wrong_issuer: bad('wrong_issuer', good),
    alg_none: bad('alg_none', good),
    hs256_with_the_public_key: bad('hs256_with_the_public_key', good),
    tampered_signature: bad('tampered_signature', good),
    tampered_claims: bad('tampered_claims', good),
    signed_by_a_stranger: bad('signed_by_a_stranger', good),
    of_an_unknown_key: bad('of_an_unknown_key', good),
    revoked: bad('revoked', good),
    without_signature: bad('without_signature', good),
    no_token_at_all: bad('no_token_at_all', good),
  } as const satisfies Record<string, Sender>;
}

export type InvalidCaller = keyof ReturnType<typeof invalidCallers>;

/** The same answer for each of them. */
export function withoutValidToken<Answer>(answer: Answer): Readonly<Record<InvalidCaller, Answer>> {
  return {
    missing: answer,
    empty: answer,
    not_bearer: answer,
    scheme_alone: answer,
    two_headers: answer,
    two_tokens_in_one_header: answer,
    token_in_a_cookie: answer,
    expired: answer,
    not_yet_valid: answer,
    wrong_audience: answer,
    wrong_issuer: answer,
    alg_none: answer,
    hs256_with_the_public_key: answer,
    tampered_signature: answer,
    tampered_claims: answer,
    signed_by_a_stranger: answer,
    of_an_unknown_key: answer,
    revoked: answer,
    without_signature: answer,
    no_token_at_all: answer,
  };
}

function bad(kind: BadToken, good: Principal): Sender {
  return { headers: async (mint) => [['Authorization', `Bearer ${await BAD_TOKENS[kind](good, mint)}`]] };
}
