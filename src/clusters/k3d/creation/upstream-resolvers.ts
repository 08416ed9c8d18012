import { readFile } from 'node:fs/promises';
import ipaddr from 'ipaddr.js';

const RESOLV_CONF = '/etc/resolv.conf';
/** systemd-resolved's list of real servers; the usual file names only its stub on 127.0.0.53 (systemd-resolved(8)). */
const RESOLVED_CONF = '/run/systemd/resolve/resolv.conf';

/**
 * A resolv.conf for pods with the name servers of this host, chosen as Docker chooses them. Without k3d's DNS fix (which
 * comes with an entrypoint that drains the node at each stop) k3s sees only Docker's own resolver, which no pod can reach,
 * and falls back to 8.8.8.8, which many networks block. Undefined where no server is of use to a pod.
 */
export async function upstreamResolvConf(
  read: (path: string) => Promise<string> = (path) => readFile(path, 'utf8'),
): Promise<string | undefined> {
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
