import { HTTP_CHALLENGES } from '../acme/http-challenges.ts';
import { ENTRY_POINT } from './entry-points.ts';
import { ABOVE_ALL, CLIENT_HEADERS, FACTORY_SERVICE, PAGE_PATH } from './page-rules.ts';
import type { Section } from './section.ts';

/** The name under which the factory's own pages and its API are, and its certificate. */
export interface OwnName {
  /** Lower-case DNS name; what is below it is not the factory's. */
  readonly host: string;
  /** Undefined: it has HTTP alone. */
  readonly tls: OwnNameTls | undefined;
}

export type OwnNameTls =
  | ({ readonly kind: 'files' } & PlacedCertificate)
  /** By the resolver of Traefik's static options. */
  | { readonly kind: 'acme' };

/** PEM files where Traefik sees them. */
export interface PlacedCertificate {
  readonly certificate: string;
  readonly key: string;
  /** It is for further names, too: `*.lab.example.org`. */
  readonly isWider: boolean;
}

/** The resolver's name in Traefik's static options. */
export const OWN_RESOLVER = 'own';

/**
 * The factory's web server under its own name. With a certificate HTTP leads to HTTPS, for a while only: a browser that kept that
 * for ever would find nothing where the certificate is taken away again. Its routers go before all others: a name is the
 * factory's, whatever a workspace is called.
 */
export function ownNameRules({ host, tls }: OwnName, httpsPort: number) {
  const own = `Host(\`${host}\`)`;
  // Pages for other names, which Traefik gets by itself.
  const pages = `${own} && !Path(\`${PAGE_PATH.asleep}\`) && !Path(\`${PAGE_PATH.unknown}\`)`;
  const server = { priority: ABOVE_ALL - 1, middlewares: [CLIENT_HEADERS], service: FACTORY_SERVICE };
  if (tls === undefined) {
    const routers: Section = { own_http: { rule: pages, entryPoints: [ENTRY_POINT.http], ...server } };
    return { routers, middlewares: {}, tls: tlsOf(tls) };
  }
  const routers: Section = {
    own_http: {
      rule: `${own} && !PathPrefix(\`${HTTP_CHALLENGES}\`)`,
      priority: ABOVE_ALL - 1,
      entryPoints: [ENTRY_POINT.http],
      middlewares: ['own-https'],
      service: FACTORY_SERVICE,
    },
    own_https: { rule: pages, entryPoints: [ENTRY_POINT.https], ...server, tls: routerTls(host, tls) },
  };
  const middlewares: Section = {
    'own-https': { redirectScheme: { scheme: 'https', port: String(httpsPort), permanent: false } },
  };
  return { routers, middlewares, tls: tlsOf(tls) };
}

/** TLS options (`tls.options`) of the factory's own name. */
const OWN_OPTIONS = 'own';

function routerTls(host: string, tls: OwnNameTls): object {
  if (tls.kind === 'files') return { options: OWN_OPTIONS };
  return { options: OWN_OPTIONS, certResolver: OWN_RESOLVER, domains: [{ main: host }] };
}

/**
 * A name that is not routed has no certificate here, so its hello is refused with `unrecognized_name` (RFC 6066 §3). Where the
 * factory's own certificate would do for it, the options of all names but the factory's own leave no version of TLS to agree on:
 * refused with `protocol_version`, before any certificate is chosen.
 */
function tlsOf(tls: OwnNameTls | undefined): object {
  const strict = { sniStrict: true };
  if (tls === undefined) return { options: { default: strict } };
  if (tls.kind === 'acme') return { options: { default: strict, [OWN_OPTIONS]: strict } };
  const { certificate, key, isWider } = tls;
  const noVersion = { ...strict, minVersion: 'VersionTLS13', maxVersion: 'VersionTLS12' };
  return {
    options: { default: isWider ? noVersion : strict, [OWN_OPTIONS]: strict },
    certificates: [{ certFile: certificate, keyFile: key }],
  };
}
