import type { IncomingMessage } from 'node:http';
import { FactoryError } from '../errors/factory-error.ts';

/** Longer ones are not looked at. */
const LONGEST_HEADER = 8_192;

/** RFC 6750 §2.1. The scheme's case does not matter (RFC 9110 §11.1). */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** The token of the one `Authorization: Bearer …` that a request must have. Throws `TOKEN_REFUSED`. */
export function bearerToken({ headers, rawHeaders }: IncomingMessage): string {
  // Node shows only the first of several, and a proxy before us may have looked at another.
  const count = rawHeaders.filter((name, index) => index % 2 === 0 && /^authorization$/i.test(name)).length;
  const { authorization = '' } = headers;
  if (count > 1) throw refused('there are several Authorization headers');
  if (authorization === '') throw refused('there is no Authorization header');
  if (authorization.length > LONGEST_HEADER) throw refused('the Authorization header is too long');
  const [, token] = BEARER.exec(authorization) ?? [];
  if (token === undefined) throw refused('the Authorization header is not "Bearer <token>"');
  return token;
}

function refused(detail: string): FactoryError {
  return new FactoryError('TOKEN_REFUSED', 'A valid token is needed: `Authorization: Bearer <token>`.', {
    detail,
  });
}
