import type { IncomingMessage } from 'node:http';
import { FactoryError } from '../errors/factory-error.ts';

const READING: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a browser says of a request that a page of this very server, or its user by hand, made (Fetch Metadata). */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Throws `ACCESS_DENIED` for a write that a page of another site makes a browser send, although it has a token. Students' apps are
 * under the factory's own domain, so "same-site" is another site, too. Who is no browser sends neither header.
 */
export function assertOwnSite({ method, headers }: IncomingMessage): void {
  if (READING.has(method)) return;
  const site = headers['sec-fetch-site'];
  const isForeign =
    (site !== undefined && !OWN_SITES.has(String(site))) ||
    (headers.origin !== undefined && hostOf(headers.origin) !== headers.host);
  if (!isForeign) return;
  throw new FactoryError('ACCESS_DENIED', 'A page of another site may change nothing here.', {
    detail: `origin ${headers.origin ?? '–'}, sec-fetch-site ${site ?? '–'}`,
  });
}

/** Undefined: of an opaque origin ("null"), or none at all. TLS may end before us, so the scheme is not looked at. */
function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host || undefined;
}
