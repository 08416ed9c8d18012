import { type CaaRecord, promises } from 'node:dns';

/** `records` is empty where the name is not there, or has none of that type. */
export type DnsAnswer<T> =
  | { readonly kind: 'answered'; readonly records: readonly T[] }
  /** `isServerFailure`: a server answered that it could not find out (SERVFAIL, RFC 1035 §4.1.1). `reason`: a short phrase. */
  | { readonly kind: 'failed'; readonly isServerFailure: boolean; readonly reason: string };

/** Some name servers. What is asked of them ends within `QUESTION_LIMIT` and never rejects. */
export interface Dns {
  /** Who is asked: "192.0.2.53", "127.0.0.1:5353". */
  readonly servers: readonly string[];
  /** IPv4; aliases (CNAME) are followed by the server. */
  readonly a: Ask<string>;
  /** IPv6 */
  readonly aaaa: Ask<string>;
  readonly cname: Ask<string>;
  readonly ns: Ask<string>;
  /** Of this very name; who may give out certificates for it is a matter of the whole tree above it (RFC 8659 §3). */
  readonly caa: Ask<CaaRecord>;
}

type Ask<T> = (name: string, signal: AbortSignal) => Promise<DnsAnswer<T>>;

/** ms, for one try at one server: on a busy machine an answer that has long come is read seconds later. */
export const TRY_LIMIT = 3_000;
export const TRIES = 2;
/** ms, however many servers there are. */
export const QUESTION_LIMIT = 12_000;

/** `servers` undefined: those that this machine asks. Throws a TypeError for what is no address. */
export function createDns(servers: readonly string[] | undefined): Dns {
  const asked = resolverOf(servers).getServers();
  const by =
    <T>(query: (resolver: promises.Resolver, name: string) => Promise<readonly T[]>): Ask<T> =>
    (name, signal) =>
      ask(resolverOf(servers), (resolver) => query(resolver, name), signal);
  return {
    servers: asked,
    a: by((resolver, name) => resolver.resolve4(name)),
    aaaa: by((resolver, name) => resolver.resolve6(name)),
    cname: by((resolver, name) => resolver.resolveCname(name)),
    ns: by((resolver, name) => resolver.resolveNs(name)),
    caa: by((resolver, name) => resolver.resolveCaa(name)),
  };
}

/** One for each question: to end one of them ends all of its resolver. */
function resolverOf(servers: readonly string[] | undefined): promises.Resolver {
  const resolver = new promises.Resolver({ timeout: TRY_LIMIT, tries: TRIES });
  if (servers !== undefined) resolver.setServers(servers);
  return resolver;
}

async function ask<T>(
  resolver: promises.Resolver,
  query: (resolver: promises.Resolver) => Promise<readonly T[]>,
  signal: AbortSignal,
): Promise<DnsAnswer<T>> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(QUESTION_LIMIT)]);
  if (limited.aborted) return failed('ECANCELLED');
  const cancel = () => resolver.cancel();
  limited.addEventListener('abort', cancel, { once: true });
  try {
    return { kind: 'answered', records: await query(resolver) };
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    return NOTHING_THERE.has(code) ? { kind: 'answered', records: [] } : failed(code);
  } finally {
    limited.removeEventListener('abort', cancel);
  }
}

/** No such name (NXDOMAIN), and a name without records of that type (RFC 2308 §2). */
const NOTHING_THERE: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

const REASONS: Readonly<Record<string, string>> = {
  ECANCELLED: 'no answer in time',
  ETIMEOUT: 'no answer in time',
  ECONNREFUSED: 'nobody answers',
  ESERVFAIL: 'the server failed (SERVFAIL)',
  EREFUSED: 'the server refuses to answer',
};

function failed(code: string): DnsAnswer<never> {
  return { kind: 'failed', isServerFailure: code === 'ESERVFAIL', reason: REASONS[code] ?? code };
}
