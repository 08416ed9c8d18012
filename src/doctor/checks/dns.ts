import { isIPv4, isIPv6 } from 'node:net';
import { LETS_ENCRYPT } from '../../config/sections/acme.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';
import { allAddresses, failureOf, type HostAddresses, recordsOf } from '../outside/host-addresses.ts';
import { notPublic, type PublicHosts, type PublicSite } from '../outside/public-site.ts';
import { isPublicAddress, zoneLines } from '../outside/zone-lines.ts';

/** The domain's own record and the wildcard below it. */
export const dns: Check<PublicSite> = {
  needs: 'nothing',
  limit: 30_000,
  look: async (site) => notPublic(site.names) ?? judgeDns(await site.hosts, viewOf(site)),
};

/** What the addresses of the names are held against. */
export interface DnsView {
  /** Who was asked. */
  readonly servers: readonly string[];
  readonly ownAddresses: readonly string[];
  /** Where the routes for HTTP and HTTPS listen. */
  readonly listens: readonly string[];
  /** Whether load balancers of the operator's stand in front. */
  readonly isBehindProxies: boolean;
  /** Whether the authority has to reach the addresses over the Internet. */
  readonly isAuthorityPublic: boolean;
}

function viewOf({ dns, ownAddresses, config }: PublicSite): DnsView {
  return {
    servers: dns.servers,
    ownAddresses,
    listens: [config.routes.http.host, config.routes.https.host],
    isBehindProxies: config.routes.trustedProxies.length > 0,
    isAuthorityPublic: new URL(config.acme.directory).hostname.endsWith(LETS_ENCRYPT_HOSTS),
  };
}

/** Production and staging. */
const LETS_ENCRYPT_HOSTS = new URL(LETS_ENCRYPT).hostname.split('.').slice(-3).join('.');

export function judgeDns(hosts: PublicHosts, view: DnsView): Judgement {
  const { domain, workspace, belowWorkspace, web } = hosts;
  const failure = failureOf(domain);
  if (failure !== undefined) return noServer(view.servers, failure);
  const all = [domain, workspace, belowWorkspace, ...(web === undefined ? [] : [web])];
  const target = allAddresses(domain).length > 0 ? allAddresses(domain) : publicOnes(view.ownAddresses);
  const judgements = [
    ...all.map((host) => judgePresence(host, recordNameOf(host, hosts), target)),
    ...elsewhere(hosts).map((host) => judgeSame(domain, host, recordNameOf(host, hosts))),
    judgeIpv6([...new Set(all.flatMap(({ aaaa }) => recordsOf(aaaa)))], view),
    judgeReach([...new Set(all.flatMap(allAddresses))], view),
  ];
  return together(judgements, `${domain.name} and *.${domain.name} are at ${describe(domain, view)}`);
}

/** Those that may be at other addresses than the domain; what is below a workspace counts where it is not where the workspace is. */
function elsewhere({ workspace, belowWorkspace, web }: PublicHosts): readonly HostAddresses[] {
  const isWithIt = allAddresses(workspace).join() === allAddresses(belowWorkspace).join();
  return [workspace, ...(isWithIt ? [] : [belowWorkspace]), ...(web === undefined ? [] : [web])];
}

/** Whose record a host gets its address from. */
function recordNameOf(host: HostAddresses, { domain, workspace, belowWorkspace }: PublicHosts): string {
  return host === workspace || host === belowWorkspace ? `*.${domain.name}` : host.name;
}

function noServer(servers: readonly string[], reason: string): Judgement {
  return wrong(
    `no name server answers (${servers.join(', ')}: ${reason})`,
    'cat /etc/resolv.conf   # whom this machine asks',
    './factory doctor --dns --resolver 9.9.9.9   # asks another one',
  );
}

function judgePresence(host: HostAddresses, record: string, target: readonly string[]): Judgement {
  const failure = failureOf(host);
  if (failure !== undefined)
    return wrong(`where ${host.name} is can not be found out: ${failure}`, dig(host));
  if (allAddresses(host).length > 0) return right(host.name);
  const how = host.name === record ? '' : ` (there is no ${record})`;
  return wrong(`${host.name} has no address${how}`, ...zoneLines([record], target));
}

/** Several records that a server shuffles or chooses from still overlap. */
function judgeSame(domain: HostAddresses, host: HostAddresses, record: string): Judgement {
  const [here, there] = [allAddresses(domain), allAddresses(host)];
  if (here.length === 0 || there.length === 0) return right(host.name);
  const common = there.filter((address) => here.includes(address));
  if (common.length === here.length && common.length === there.length) return right(host.name);
  const text = `${host.name} is at ${there.join(', ')}, and ${domain.name} at ${here.join(', ')}`;
  const remedy = zoneLines([record], here);
  return common.length === 0 ? wrong(text, ...remedy) : doubtful(text, ...remedy);
}

/** Let's Encrypt takes IPv6 first where a name has both ("IPv6 Support" in its documentation), and so do browsers. */
function judgeIpv6(addresses: readonly string[], { listens, isBehindProxies }: DnsView): Judgement {
  if (addresses.length === 0 || !listens.some((host) => isIPv4(host))) return right('IPv6');
  const text = `there are IPv6 addresses (AAAA ${addresses.join(', ')}), and the routes listen on IPv4 alone: who takes IPv6 first, as Let's Encrypt does, reaches nobody`;
  const remedy = [
    'in the configuration: routes: { http: "[::]:80", https: "[::]:443" }   # IPv4 too',
    'or remove the AAAA records',
  ];
  return isBehindProxies ? doubtful(text, ...remedy) : wrong(text, ...remedy);
}

function judgeReach(addresses: readonly string[], { isAuthorityPublic }: DnsView): Judgement {
  const hidden = addresses.filter((address) => !isPublicAddress(address));
  if (hidden.length === 0 || !isAuthorityPublic) return right('reachable');
  return doubtful(
    `${hidden.join(', ')} can not be reached over the Internet, and so not by Let's Encrypt`,
    'in the zone: the public address; or in the configuration: acme: { directory: … } of an authority in your own network',
  );
}

function describe(domain: HostAddresses, { ownAddresses }: DnsView): string {
  const addresses = allAddresses(domain);
  const foreign = addresses.filter((address) => !ownAddresses.includes(address));
  if (foreign.length === 0) return `${addresses.join(', ')}, which this host has`;
  return `${addresses.join(', ')}; this host does not have ${foreign.join(', ')} itself, so a NAT has to bring the ports here`;
}

function publicOnes(addresses: readonly string[]): readonly string[] {
  return addresses.filter((address) => isPublicAddress(address) && !isIPv6(address));
}

function dig({ name }: HostAddresses): string {
  return `dig ${name} A ${name} AAAA   # what name servers say`;
}
