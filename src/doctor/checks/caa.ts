import { isAtOrBelow } from '../../names/at-or-below.ts';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';
import {
  type CaaProperty,
  type CaaRecords,
  type Issuer,
  parseIssuer,
  relevantCaa,
} from '../outside/caa-records.ts';
import { notKnown, type PublicSite } from '../outside/public-site.ts';

/** Whether the domain's owner lets the ACME server of the configuration give out certificates for workspaces. */
export const caa: Check<PublicSite> = {
  needs: 'nothing',
  limit: 40_000,
  look: async (site, signal) => {
    const unknown = await notKnown(site);
    if (unknown !== undefined) return unknown;
    const { names, config, dns, directory } = site;
    const { domain, workspace, web = domain } = names;
    const own =
      config.web.tls?.kind === 'acme' ? [{ host: web, below: isAtOrBelow(web, domain) ? domain : web }] : [];
    const [visit, ...found] = await Promise.all([
      directory,
      ...[{ host: workspace, below: domain }, ...own].map(async ({ host, below }) => {
        const records = await relevantCaa(dns, host, signal);
        return { records, owner: ownerOf(records, below, { wildcard: domain, seenAs: workspace }) };
      }),
    ]);
    const identities = visit.kind === 'directory' ? visit.directory.meta.caaIdentities : [];
    const judgements = uniqueByOwner(found).map(({ records, owner }) => judgeCaa(owner, records, identities));
    return together(judgements, judgements[0]?.text ?? '');
  },
};

interface Found {
  readonly records: CaaRecords;
  /** The name whose record would count: of all records those of the nearest name do. */
  readonly owner: string;
}

/**
 * The name to write a record for. `below`: what is above this is somebody else's too. `seenAs`: the name by which the records of
 * a wildcard are seen.
 */
export function ownerOf(
  records: CaaRecords,
  below: string,
  { wildcard, seenAs }: { readonly wildcard: string; readonly seenAs: string },
): string {
  if (records.kind !== 'records') return below;
  if (records.at === seenAs) return `*.${wildcard}`;
  return isAtOrBelow(records.at, below) ? records.at : below;
}

/** Those of one name stand for all hosts below it. */
function uniqueByOwner(found: readonly Found[]): readonly Found[] {
  const named = found.map(
    (one) => [`${one.owner} ${'at' in one.records ? one.records.at : ''}`, one] as const,
  );
  return [...new Map(named).values()];
}

/** Tags that every authority knows: RFC 8659 §4, and RFC 9495 for e-mail. */
const KNOWN_TAGS: ReadonlySet<string> = new Set(['issue', 'issuewild', 'iodef', 'issuemail']);

/** Those by which a cluster's Traefik is set up to get a certificate. */
const CHALLENGES = ['http-01', 'tls-alpn-01'] as const;

/** `owner`: of the record that would help. `identities`: what the ACME server is called in CAA records (`caaIdentities`, RFC 8555 §9.7.6); lower case. */
export function judgeCaa(owner: string, records: CaaRecords, identities: readonly string[]): Judgement {
  if (records.kind === 'none')
    return right('there are no CAA records: any authority may give out certificates');
  if (records.kind === 'failed') return notKnownFor(records);
  const { at, properties } = records;
  const strange = properties.find(({ tag, isCritical }) => isCritical && !KNOWN_TAGS.has(tag));
  if (strange !== undefined) {
    return wrong(
      `a CAA record at ${at} has the tag ${strange.tag}, which is critical and known to no authority: none gives out certificates`,
      `remove that record of ${at}.`,
    );
  }
  return judgeIssuers(owner, at, properties, identities);
}

/** An authority that gets no answer must not go on (RFC 8659 §3, and the CA/Browser Forum's requirements §3.2.2.8). */
function notKnownFor({ at, reason, isServerFailure }: Extract<CaaRecords, { kind: 'failed' }>): Judgement {
  const text = `the CAA records of ${at} can not be found out: ${reason}`;
  const dig = `dig ${at} CAA`;
  if (!isServerFailure) return doubtful(text, dig);
  return wrong(`${text}; then no authority gives out certificates`, dig);
}

/** `issuewild` is for certificates of wildcards, which a workspace has none of. */
function judgeIssuers(
  owner: string,
  at: string,
  properties: readonly CaaProperty[],
  identities: readonly string[],
): Judgement {
  const issuers = properties.filter(({ tag }) => tag === 'issue').map(({ value }) => parseIssuer(value));
  if (issuers.length === 0) return right(`the CAA records at ${at} let any authority give out certificates`);
  const named = issuers.map(({ authority }) => authority || 'nobody').join(', ');
  if (identities.length === 0) {
    return doubtful(
      `CAA records at ${at} let ${named} alone give out certificates, and the ACME server does not say whether it is that`,
      `dig ${at} CAA`,
    );
  }
  const ours = issuers.filter(({ authority }) => identities.includes(authority));
  const [identity = ''] = identities;
  const allow = `${owner}. 300 IN CAA 0 issue "${identity}"`;
  if (ours.length === 0) {
    return wrong(
      `CAA records at ${at} let ${named} alone give out certificates, not ${identities.join(', ')}`,
      allow,
    );
  }
  // Each is a way of its own: one without conditions is enough.
  const judgements = ours.map((issuer) => judgeConditions(issuer, at, allow));
  return judgements.find(({ verdict }) => verdict === 'right') ?? together(judgements, '');
}

/** RFC 8657 */
function judgeConditions(
  { authority, accountUri, validationMethods }: Issuer,
  at: string,
  allow: string,
): Judgement {
  if (accountUri !== undefined) {
    return wrong(
      `a CAA record at ${at} allows ${authority} for one account alone (accounturi=${accountUri}), and every cluster has its own`,
      allow,
    );
  }
  const closed = CHALLENGES.filter((challenge) => validationMethods?.includes(challenge) === false);
  if (closed.length === 0) return right(`CAA records at ${at} allow ${authority}`);
  const text = `a CAA record at ${at} allows ${authority} without ${closed.join(' and ')} (validationmethods)`;
  return closed.length === CHALLENGES.length ? wrong(text, allow) : doubtful(text, allow);
}
