import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2, { type ClientChannel, type ServerChannel } from 'ssh2';
import type { GatewayUnderTest } from './gateway-under-test.ts';

/** ssh2 below the layer that keeps to the protocol: for peers that do not. */
export interface RawProtocol {
  channelData(id: number, data: Buffer): void;
  channelExtData(id: number, data: Buffer, type: number): void;
  channelWindowAdjust(id: number, amount: number): void;
  session(id: number, window: number, packetSize: number): void;
  requestSuccess(): void;
}

interface RawClient {
  readonly _protocol: RawProtocol;
  readonly _sock: { pause(): void };
}

/** The peer's protocol and the channel's number there. */
export function below(channel: ServerChannel | ClientChannel): { client: RawClient; id: number } {
  const { _client, outgoing } = channel as unknown as { _client: RawClient; outgoing: { id: number } };
  return { client: _client, id: outgoing.id };
}

export function belowClient(client: ssh2.Client): RawClient {
  return client as unknown as RawClient;
}

/** A client that the test makes misbehave. */
export async function logIn(it: GatewayUnderTest): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  const privateKey = await readFile(join(it.folder, 'id'), 'utf8');
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).on('error', reject);
    client.connect({ host: '127.0.0.1', port: it.gateway.address.port, username: 'alice', privateKey });
  });
  return client;
}
