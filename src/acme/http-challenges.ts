/** Where an authority looks for HTTP-01 (RFC 8555 §8.3). */
export const HTTP_CHALLENGES = '/.well-known/acme-challenge/';
