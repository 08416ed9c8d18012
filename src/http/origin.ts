import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { networkOf } from '../names/network-of.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';

/** Where a request comes from. */
export interface Origin {
  /** For the log: "192.0.2.7:50122", or another way in: "control socket". */
  readonly from: string;
  /** What counts as one place: an IPv4 address, of IPv6 the network, or the other way in. */
  readonly place: string;
}

export const CONTROL_SOCKET = 'control socket';

/** Of whoever is in the container of a workspace. */
export function labOrigin(key: WorkspaceKey): string {
  return `lab ${formatWorkspaceKey(key)}`;
}

const WAY_IN = Symbol('the way in');

interface Named {
  [WAY_IN]?: string;
}

/** Says by which way the requests on a stream come, where that has no address. */
export function nameOrigin(stream: Duplex & Named, name: string): void {
  stream[WAY_IN] = name;
}

export function originOf(stream: Pick<Socket, 'remoteAddress' | 'remotePort'> & Named): Origin {
  const { remoteAddress, remotePort } = stream;
  const name = stream[WAY_IN] ?? nameOfUnaddressed(stream);
  if (name !== undefined || remoteAddress === undefined) return { from: name ?? '', place: name ?? '' };
  return { from: `${remoteAddress}:${remotePort}`, place: networkOf(remoteAddress) };
}

function nameOfUnaddressed({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>) {
  if (remoteAddress === undefined) return 'a Unix socket';
  // A call that this process makes to a server of its own, without a connection.
  return remotePort === undefined ? 'this process' : undefined;
}
