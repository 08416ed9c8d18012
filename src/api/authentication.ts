import type { IncomingMessage } from 'node:http';
import { bearerToken } from '../http/bearer-token.ts';
import { AUDIENCE } from '../tokens/principal.ts';
import type { TokenVerifier, VerifiedToken } from '../tokens/tokens.ts';

/**
 * Whose request it is, by the one `Authorization: Bearer …` that it must have. Rejects with `TOKEN_REFUSED`; which of the reasons it
 * was is for the log.
 */
export async function authenticate(
  request: IncomingMessage,
  verifier: TokenVerifier,
): Promise<VerifiedToken> {
  return verifier.verify(bearerToken(request), AUDIENCE.api);
}

/** RFC 6750 §3: a request that has no token is not told that it is wrong. */
export function challenge({ headers }: IncomingMessage): string {
  const realm = 'Bearer realm="ssh-lab-factory"';
  return headers.authorization === undefined ? realm : `${realm}, error="invalid_token"`;
}
