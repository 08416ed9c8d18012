import { forgeableHeaders } from './client-headers.ts';
import { ENTRY_POINT } from './entry-points.ts';
import type { Section } from './section.ts';

/** The paths of the factory's web server at which Traefik gets the pages for those who reach no workspace. */
export const PAGE_PATH = { asleep: '/asleep', unknown: '/unknown' } as const;

/** The middleware that takes away what a client says of itself and nobody asked for. */
export const CLIENT_HEADERS = 'client-headers';
/** A service that answers 503 by itself: nothing of a request is read, whatever its method and its body. */
export const NO_SERVER = 'no_server';
/** The factory's web server. */
export const FACTORY_SERVICE = 'factory_web';
/** In front of `NO_SERVER`. */
export const ASLEEP_MIDDLEWARES = ['asleep-headers', 'asleep-page'];

/** s; of `Retry-After` (RFC 9110 §10.2.3): a browser that reloads sooner than its owner can type is no help. */
const RETRY_AFTER = '30';

/** Takes `Expect: 100-continue` away: the web server would ask for a body that nobody is going to read. */
const NOTHING_MORE = { Expect: '' };

/** Above every router that has the length of its rule for a priority. */
export const ABOVE_ALL = 1_000_000;

/**
 * What is not there. A page comes from the factory in place of the text of an answer that is Traefik's own (its middleware
 * `errors`), so the status holds while the factory is restarted, too: then the text is "Bad Gateway" until it is back.
 */
export function pageRules(web: string) {
  const routers: Section = {
    // Nobody's: whatever no other router takes, requests without any host among them.
    unknown_host: {
      rule: 'HostRegexp(`^`)',
      priority: 1,
      entryPoints: [ENTRY_POINT.http],
      middlewares: ['unknown-host', 'unknown-page'],
      service: NO_SERVER,
    },
    // Traefik 3.6 lets a client have this header of its own taken away, by naming it in `Connection` in small letters. The cluster's
    // Traefik would take our address for the client's then.
    hidden_address: {
      rule: '!HeaderRegexp(`X-Real-Ip`, `.`)',
      priority: ABOVE_ALL,
      entryPoints: [ENTRY_POINT.http],
      middlewares: ['unknown-host', 'unknown-page'],
      service: NO_SERVER,
    },
  };
  const middlewares: Section = {
    'asleep-headers': {
      headers: {
        customRequestHeaders: NOTHING_MORE,
        customResponseHeaders: { 'Cache-Control': 'no-store', 'Retry-After': RETRY_AFTER },
      },
    },
    'asleep-page': { errors: { status: ['503'], service: FACTORY_SERVICE, query: PAGE_PATH.asleep } },
    // The page never learns for which host it is, so it can't tell, and a host that is no URL's makes no difference.
    'unknown-host': {
      headers: { customRequestHeaders: { ...NOTHING_MORE, Host: 'unknown.invalid' } },
    },
    'unknown-page': {
      errors: {
        status: ['503'],
        statusRewrites: { '503': 404 },
        service: FACTORY_SERVICE,
        query: PAGE_PATH.unknown,
      },
    },
    [CLIENT_HEADERS]: {
      headers: { customRequestHeaders: Object.fromEntries(forgeableHeaders().map((name) => [name, ''])) },
    },
  };
  const services: Section = {
    [NO_SERVER]: { loadBalancer: { servers: [] } },
    [FACTORY_SERVICE]: httpService(web),
  };
  return { routers, middlewares, services };
}

export function httpService(url: string): object {
  return { loadBalancer: { servers: [{ url }], passHostHeader: true, serversTransport: 'workspace' } };
}
