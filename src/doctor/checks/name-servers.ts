import { lookup } from 'node:dns/promises';
import { orAborted } from '../../time/or-aborted.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, type Skipped, together, wrong } from '../judgement.ts';
import { type AuthoritativeAnswer, askAuthoritative } from '../outside/authoritative.ts';
import { allAddresses, failureOf, type HostAddresses } from '../outside/host-addresses.ts';
import { notKnown, type PublicSite } from '../outside/public-site.ts';

/** RFC 1035 §4.2 */
const DNS_PORT = 53;

/** Whether the world is told the same as this machine: a hosts file and a DNS of the network's own tell it otherwise. */
export const nameServers: Check<PublicSite> = {
  needs: 'nothing',
  limit: 50_000,
  look: async (site, signal): Promise<Judgement | Skipped> => {
    const unknown = await notKnown(site);
    if (unknown !== undefined) return unknown;
    const { domain, workspace } = await site.hosts;
    const question = {
      dns: site.dns,
      domain: domain.name,
      names: [domain.name, workspace.name],
      port: DNS_PORT,
    };
    const [answers, system] = await Promise.all([
      askAuthoritative(question, signal),
      site.isDnsGiven ? undefined : systemLookup(domain.name, signal),
    ]);
    return judgeNameServers([domain, workspace], answers, system);
  },
};

/** As every program of this machine finds the name, hosts file included; undefined where it does not. */
async function systemLookup(name: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
  const found = await orAborted(lookup(name, { all: true }), signal).catch(() => undefined);
  return found?.map(({ address }) => address);
}

/** `hosts`: as this machine's resolver tells them. `system`: where the machine itself finds the first of them. */
export function judgeNameServers(
  hosts: readonly HostAddresses[],
  answers: readonly AuthoritativeAnswer[],
  system: readonly string[] | undefined,
): Judgement {
  const [domain] = hosts;
  const own = domain === undefined ? right('no hosts') : judgeSystem(domain, system);
  const answering = answers.filter((answer) => answer.hosts.some((host) => failureOf(host) === undefined));
  if (answering.length === 0) return together([nobody(domain?.name ?? '', answers), own], '');
  const judgements = answering.flatMap((answer) => hosts.map((host) => judgeAnswer(host, answer)));
  const names = answering.map(({ server }) => server).join(', ');
  return together([...judgements, own], `${names} say the same as the resolver here`);
}

function nobody(domain: string, answers: readonly AuthoritativeAnswer[]): Judgement {
  const dig = `dig +trace ${domain}   # from another machine: what the world is told`;
  if (answers.length === 0) return doubtful(`the name servers of ${domain} can not be found`, dig);
  const names = answers.map(({ server, address }) => `${server} (${address})`).join(', ');
  return doubtful(`the name servers of ${domain} do not answer this machine: ${names}`, dig);
}

function judgeAnswer(host: HostAddresses, { server, hosts, aliases }: AuthoritativeAnswer): Judgement {
  const theirs = hosts.find(({ name }) => name === host.name);
  if (theirs === undefined || aliases.includes(host.name)) return right(server);
  // One of several that is silent is its operator's affair: the others are asked instead.
  if (theirs.a.kind === 'failed' || theirs.aaaa.kind === 'failed') return right(server);
  const [here, there] = [allAddresses(host), allAddresses(theirs)];
  if (here.toSorted().join() === there.toSorted().join()) return right(server);
  const shown = `${host.name} is at ${listed(there)} for ${server}, and at ${listed(here)} for the resolver here`;
  const remedy = `dig @${server} ${host.name}   # what the world is told`;
  if (there.length === 0) return wrong(`${shown}: the world does not find it`, remedy);
  return doubtful(`${shown}: a cache that is not up to date, or a DNS of this network's own`, remedy);
}

function judgeSystem(domain: HostAddresses, system: readonly string[] | undefined): Judgement {
  const known = allAddresses(domain);
  if (system === undefined || known.length === 0 || system.some((address) => known.includes(address))) {
    return right('the system');
  }
  return doubtful(
    `this machine itself finds ${domain.name} at ${listed(system)}, and the DNS at ${listed(known)}`,
    `grep -n '${domain.name}' /etc/hosts`,
  );
}

function listed(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'no address' : addresses.join(', ');
}
