import type { Audience, Principal } from './principal.ts';

export interface IssuedToken {
  readonly token: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/** Makes tokens: JWTs (RFC 7519) signed with EdDSA (RFC 8037). */
export interface TokenIssuer {
  /** `lifetime`: ms. */
  issue(principal: Principal, audience: Audience, lifetime: number): Promise<IssuedToken>;
}

/** Whose token it is. */
export interface VerifiedToken {
  readonly principal: Principal;
  /** `iat` and `exp`, ms since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Checks tokens. Rejects with `TOKEN_REFUSED`, whose message does not say what of it was wrong; `detail` and `cause` do. */
export interface TokenVerifier {
  verify(token: string, audience: Audience): Promise<VerifiedToken>;
}
