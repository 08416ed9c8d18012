import type { CaaRecord } from 'node:dns';
import { printable } from '../../words/printable.ts';
import type { Dns } from './dns.ts';
import { climb } from './public-names.ts';

/** One property of a CAA record (RFC 8659 §4.1). */
export interface CaaProperty {
  /** Lower case; they are the same in upper case. */
  readonly tag: string;
  readonly value: string;
  /** An authority that does not know the tag must not give out a certificate. */
  readonly isCritical: boolean;
}

/** What the tree above a host says. */
export type CaaRecords =
  /** `at`: the name whose records they are, the nearest that has any. */
  | { readonly kind: 'records'; readonly at: string; readonly properties: readonly CaaProperty[] }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'failed';
      readonly at: string;
      readonly isServerFailure: boolean;
      readonly reason: string;
    };

const MOST_LEVELS = 12;
/** The "Issuer Critical Flag", bit 0 (RFC 8659 §4.1). */
const CRITICAL = 128;

/** Characters of what the owner of a zone made up. */
const LONGEST_SHOWN = 512;

/** Climbs from `host` towards the root of the DNS (RFC 8659 §3). Never rejects. */
export async function relevantCaa(dns: Dns, host: string, signal: AbortSignal): Promise<CaaRecords> {
  const names = climb(host, 1, MOST_LEVELS);
  const levels = await Promise.all(names.map(async (at) => ({ at, answer: await dns.caa(at, signal) })));
  for (const { at, answer } of levels) {
    if (answer.kind === 'failed') return { at, ...answer };
    if (answer.records.length > 0)
      return { kind: 'records', at, properties: answer.records.flatMap(toProperties) };
  }
  return { kind: 'none' };
}

/** Node has the tag as a key, whichever it is, and beside it the type of the record (which its types do not tell). */
function toProperties({ critical, ...tags }: CaaRecord): readonly CaaProperty[] {
  return Object.entries(tags).flatMap(([tag, value]) =>
    typeof value === 'string' && tag !== 'type'
      ? [
          {
            tag: printable(tag, LONGEST_SHOWN).toLowerCase(),
            value: printable(value, LONGEST_SHOWN),
            isCritical: (critical & CRITICAL) !== 0,
          },
        ]
      : [],
  );
}

/** The value of `issue` (RFC 8659 §4.2) with its parameters (RFC 8657). */
export interface Issuer {
  /** "letsencrypt.org"; empty: nobody. */
  readonly authority: string;
  readonly accountUri: string | undefined;
  /** "http-01"; undefined: any. */
  readonly validationMethods: readonly string[] | undefined;
}

export function parseIssuer(value: string): Issuer {
  const [authority = '', ...rest] = value.split(';').map((part) => part.trim());
  const parameters = new Map(
    rest.map((part) => {
      const [name = '', text = ''] = part.split(/=(.*)/s).map((side) => side.trim());
      return [name.toLowerCase(), text] as const;
    }),
  );
  return {
    authority: authority.toLowerCase().replace(/\.$/, ''),
    accountUri: parameters.get('accounturi'),
    validationMethods: parameters
      .get('validationmethods')
      ?.split(',')
      .map((method) => method.trim().toLowerCase()),
  };
}
