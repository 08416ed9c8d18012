import { readFile } from 'node:fs/promises';
import ipaddr from 'ipaddr.js';
import { type Clock, systemClock } from '../../../time/clock.ts';
import { wait } from '../../../time/wait.ts';

const RESOLV_CONF = '/etc/resolv.conf';
/** systemd-resolved's list of real servers; the usual file names only its stub on 127.0.0.53 (systemd-resolved(8)). */
const RESOLVED_CONF = '/run/systemd/resolve/resolv.conf';

/** Who writes such a file empties it first, or replaces it, and the cluster keeps for its life what was found. */
const MOST_LOOKS = 5;
/** ms */
const BETWEEN_LOOKS = 250;

export interface ResolverFiles {
  readonly read: (path: string) => Promise<string>;
  readonly clock: Clock;
}

const ON_THIS_HOST: ResolverFiles = { read: (path) => readFile(path, 'utf8'), clock: systemClock };

/**
 * A resolv.conf for pods with the name servers of this host, chosen as Docker chooses them. Without k3d's DNS fix (which
 * comes with an entrypoint that drains the node at each stop) k3s sees only Docker's own resolver, which no pod can reach,
 * and falls back to 8.8.8.8, which many networks block. Undefined where no server is of use to a
 * pod, which takes a second to be sure of.
 */
export async function upstreamResolvConf(
  signal: AbortSignal,
  { read, clock }: ResolverFiles = ON_THIS_HOST,
): Promise<string | undefined> {
  for (let looks = 1; ; looks += 1) {
    const found = await usableResolvConf(read);
    if (found !== undefined || looks === MOST_LOOKS) return found;
    await wait(BETWEEN_LOOKS, clock, signal);
    signal.throwIfAborted();
  }
}

async function usableResolvConf(read: ResolverFiles['read']): Promise<string | undefined> {
  for (const path of [RESOLV_CONF, RESOLVED_CONF]) {
    const kept = usableLines(await read(path).catch(() => ''));
    if (kept.some((line) => line.startsWith('nameserver'))) return `${kept.join('\n')}\n`;
  }
  return undefined;
}

/** Search domains stay out: in a pod they would turn each cluster name into queries of the outside. */
function usableLines(text: string): string[] {
  return text.split('\n').filter((line) => {
    const [word, value = ''] = line.trim().split(/\s+/);
    if (word === 'options') return true;
    return (
      word === 'nameserver' && ipaddr.IPv4.isValid(value) && ipaddr.IPv4.parse(value).range() !== 'loopback'
    );
  });
}
