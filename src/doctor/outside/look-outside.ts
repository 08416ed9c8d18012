import { networkInterfaces } from 'node:os';
import type { FactoryConfig } from '../../config/factory-config.ts';
import type { Site } from '../site.ts';
import { visitDirectory } from './directory-visit.ts';
import { createDns, type Dns } from './dns.ts';
import { addressesOf } from './host-addresses.ts';
import { isPublicName, type PublicNames, publicNames } from './public-names.ts';
import type { PublicHosts, PublicSite } from './public-site.ts';

/** Begins to ask what several checks want to know. `resolver`: the name servers to ask; undefined: those of this machine. */
export function lookOutside(site: Site, resolver: string | undefined, stop: AbortSignal): PublicSite {
  const { config } = site;
  const dns = createDns(resolver === undefined ? undefined : [resolver]);
  const names = publicNames(config);
  return {
    ...site,
    dns,
    isDnsGiven: resolver !== undefined,
    names,
    hosts: hostsOf(dns, names, config, stop),
    ownAddresses: Object.values(networkInterfaces()).flatMap(
      (all) => all?.map(({ address }) => address) ?? [],
    ),
    directory: visitDirectory(config.acme, stop),
  };
}

async function hostsOf(
  dns: Dns,
  names: PublicNames,
  { domain }: FactoryConfig,
  stop: AbortSignal,
): Promise<PublicHosts> {
  const find = async (name: string) =>
    isPublicName(domain) ? await addressesOf(dns, name, stop) : { name, a: NOT_ASKED, aaaa: NOT_ASKED };
  const [ofDomain, workspace, belowWorkspace, web] = await Promise.all([
    find(names.domain),
    find(names.workspace),
    find(names.belowWorkspace),
    names.web === undefined ? undefined : find(names.web),
  ]);
  return { domain: ofDomain, workspace, belowWorkspace, web };
}

const NOT_ASKED = { kind: 'answered', records: [] } as const;
