import { isIPv6 } from 'node:net';
import type { ListenAddress } from './factory-config.ts';

/** `127.0.0.1:2222`, `[::1]:2222`. */
export function formatListen({ host, port }: ListenAddress): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** As this machine reaches it: a wildcard listens, but is nowhere to go. */
export function fromThisHost({ host, port }: ListenAddress): ListenAddress {
  return { host: { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host, port };
}
