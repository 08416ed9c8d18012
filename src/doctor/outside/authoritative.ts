import { formatListen } from '../../config/listen-address.ts';
import { createDns, type Dns } from './dns.ts';
import { addressesOf, type HostAddresses, recordsOf } from './host-addresses.ts';
import { climb, isHostName } from './public-names.ts';

/** What one of a domain's own name servers says, past every cache and every resolver in between. */
export interface AuthoritativeAnswer {
  /** "ns1.example.org" */
  readonly server: string;
  readonly address: string;
  readonly hosts: readonly HostAddresses[];
  /** Those of the hosts that are aliases: where these lead another server may know. */
  readonly aliases: readonly string[];
}

/** So many of a domain's name servers are asked at most. */
const MOST_SERVERS = 3;
/** So many names above a host are looked at at most. */
const MOST_LEVELS = 8;

export interface AuthoritativeQuestion {
  /** By which the name servers are found. */
  readonly dns: Dns;
  readonly domain: string;
  readonly names: readonly string[];
  /** Theirs; 53 but in tests. */
  readonly port: number;
}

/** Empty where the domain's name servers can't be found. Never rejects. */
export async function askAuthoritative(
  question: AuthoritativeQuestion,
  signal: AbortSignal,
): Promise<readonly AuthoritativeAnswer[]> {
  const servers = await nameServersOf(question, signal);
  const answers = await Promise.all(servers.map((server) => askOne(server, question, signal)));
  return answers.flatMap((answer) => answer ?? []);
}

/** Of the zone that the domain is in: its own, or that of the nearest name above it that has name servers. */
async function nameServersOf(
  { dns, domain }: AuthoritativeQuestion,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const levels = await Promise.all(climb(domain, 2, MOST_LEVELS).map((name) => dns.ns(name, signal)));
  const nearest = levels.map(recordsOf).find((servers) => servers.length > 0) ?? [];
  return nearest.filter(isHostName).toSorted().slice(0, MOST_SERVERS);
}

async function askOne(
  server: string,
  { dns, names, port }: AuthoritativeQuestion,
  signal: AbortSignal,
): Promise<AuthoritativeAnswer | undefined> {
  const found = await addressesOf(dns, server, signal);
  const address = recordsOf(found.a)[0] ?? recordsOf(found.aaaa)[0];
  if (address === undefined) return undefined;
  const its = createDns([formatListen({ host: address, port })]);
  const [hosts, aliases] = await Promise.all([
    Promise.all(names.map((name) => addressesOf(its, name, signal))),
    Promise.all(
      names.map(async (name) => (recordsOf(await its.cname(name, signal)).length > 0 ? [name] : [])),
    ),
  ]);
  return { server, address, hosts, aliases: aliases.flat() };
}
