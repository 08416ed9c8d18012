import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { execa } from 'execa';
import { PATIENCE } from '../harness/eventually.ts';
import { METADATA } from './metadata-address.ts';
import { listenersIn } from './party.ts';

/** Two servers of the test's own on this host: one on its loopback, and one on every address. */
export class HostListeners implements AsyncDisposable {
  readonly #onLoopback: Server;
  readonly #everywhere: Server;

  private constructor(onLoopback: Server, everywhere: Server) {
    this.#onLoopback = onLoopback;
    this.#everywhere = everywhere;
  }

  static async open(): Promise<HostListeners> {
    return new HostListeners(await listen('127.0.0.1'), await listen('0.0.0.0'));
  }

  get loopbackPort(): number {
    return portOf(this.#onLoopback);
  }

  get openPort(): number {
    return portOf(this.#everywhere);
  }

  /** TCP ports that programs of this host have on its IPv4 loopback alone now, the factory's and Traefik's among them. */
  async loopbackPorts(): Promise<readonly number[]> {
    const { stdout } = await execa('ss', ['-ltnH'], { timeout: PATIENCE });
    const all = listenersIn(stdout);
    const isOnLoopback = ({ address }: { address: string }) => address.startsWith('127.');
    const elsewhere = new Set(all.filter((each) => !isOnLoopback(each)).map(({ port }) => port));
    return [...new Set(all.filter(isOnLoopback).map(({ port }) => port))].filter(
      (port) => !elsewhere.has(port),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#onLoopback, this.#everywhere].map(close));
  }
}

/** Each IPv4 address of this host but its loopback and what a test has made: its own, and that of the gateway of each bridge. */
export function hostAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .filter(({ address }) => address !== METADATA)
    .map(({ address }) => address);
}

/** `address:port` for all of them. */
export function atEveryAddress(ports: readonly number[]): readonly string[] {
  return hostAddresses().flatMap((address) => ports.map((port) => `${address}:${port}`));
}

async function listen(host: string): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).end());
  server.listen({ host, port: 0 });
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
