import type { Skipped } from '../judgement.ts';
import { skipped } from '../judgement.ts';
import type { Site } from '../site.ts';
import type { DirectoryVisit } from './directory-visit.ts';
import type { Dns } from './dns.ts';
import { failureOf, type HostAddresses } from './host-addresses.ts';
import { isPublicName, type PublicNames } from './public-names.ts';

/** What the checks of `--dns` are given besides. */
export interface PublicSite extends Site {
  readonly dns: Dns;
  /** Whether the operator named whom to ask; else it is whom this machine asks. */
  readonly isDnsGiven: boolean;
  readonly names: PublicNames;
  /** Where these names are, each asked for once for all checks; none where the domain is not public. Never rejects. */
  readonly hosts: Promise<PublicHosts>;
  /** The addresses of this machine's interfaces. */
  readonly ownAddresses: readonly string[];
  /** The ACME server is asked once for all checks. Never rejects. */
  readonly directory: Promise<DirectoryVisit>;
}

export interface PublicHosts {
  readonly domain: HostAddresses;
  readonly workspace: HostAddresses;
  readonly belowWorkspace: HostAddresses;
  readonly web: HostAddresses | undefined;
}

/** Undefined where the domain is one that the public DNS may have. */
export function notPublic({ domain }: PublicNames): Skipped | undefined {
  return isPublicName(domain)
    ? undefined
    : skipped(`${domain} is no name of the public DNS: there is nothing to look at`);
}

/** Why what builds on the names can't be looked at; undefined where it can. */
export async function notKnown({ names, hosts }: PublicSite): Promise<Skipped | undefined> {
  const local = notPublic(names);
  if (local !== undefined) return local;
  return failureOf((await hosts).domain) === undefined ? undefined : skipped('no name server answers');
}
