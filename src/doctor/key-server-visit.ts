import type { FactoryConfig } from '../config/factory-config.ts';
import { askKeyServer, type KeyServerAnswer } from '../identity/sources/key-server-request.ts';
import { readKeyServerUrl } from '../identity/sources/key-server-url.ts';

/** One question to a key server of the configuration. */
export interface KeyServerVisit {
  /** "github.com" */
  readonly name: string;
  /** What was asked for. */
  readonly url: string;
  readonly answer: KeyServerAnswer;
  /** How far its clock is ahead of ours, to about a second; ms. Undefined where it did not say. */
  readonly clockOffset: number | undefined;
}

/** Is asked for where the groups name nobody; that a server does not know it is an answer as well. */
const ANYBODY = 'octocat';

/** Asks each key server of the configuration for one user, all at once. Never rejects. */
export async function visitKeyServers(
  { identity, groups }: Pick<FactoryConfig, 'identity' | 'groups'>,
  signal: AbortSignal,
): Promise<readonly KeyServerVisit[]> {
  const member = groups.flatMap(({ members }) => members).find((name) => name !== '*') ?? ANYBODY;
  const urls = identity.flatMap((source) => (source.kind === 'github' ? [source.url] : []));
  return await Promise.all(urls.map((url) => visit(url, member, signal)));
}

async function visit(serverUrl: string, user: string, signal: AbortSignal): Promise<KeyServerVisit> {
  const { base, name } = readKeyServerUrl(serverUrl);
  const url = new URL(`${user}.keys`, base);
  let clockOffset: number | undefined;
  const answer = await askKeyServer(url, {
    signal,
    onHeaders: (headers) => {
      clockOffset = offset(headers, Date.now());
    },
  });
  return { name, url: url.href, answer, clockOffset };
}

/** RFC 9110 §6.6.1: when the answer was made; RFC 9111 §5.1: for how many seconds a cache has kept it since. */
function offset(headers: Headers, now: number): number | undefined {
  const made = Date.parse(headers.get('date') ?? '');
  const kept = Number(headers.get('age') ?? 0) * 1000;
  return Number.isNaN(made + kept) ? undefined : made + kept - now;
}
