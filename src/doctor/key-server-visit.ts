import type { FactoryConfig } from '../config/factory-config.ts';
import { askKeyServer, type KeyServerAnswer } from '../identity/sources/key-server-request.ts';
import { readKeyServerUrl } from '../identity/sources/key-server-url.ts';
import { clockOffset } from './clock-offset.ts';

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
  let offset: number | undefined;
  const answer = await askKeyServer(url, {
    signal,
    onHeaders: (headers) => {
      offset = clockOffset(headers.get('date') ?? '', Number(headers.get('age') ?? 0), Date.now());
    },
  });
  return { name, url: url.href, answer, clockOffset: offset };
}
