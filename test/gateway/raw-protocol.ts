import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2, { type ClientChannel, type ServerChannel } from 'ssh2';
import { type GatewayUnderTest, PATIENT } from './gateway-under-test.ts';

/** ssh2 below the layer that keeps to the protocol: for peers that do not. */
export interface RawProtocol {
  channelData(id: number, data: Buffer): void;
  channelExtData(id: number, data: Buffer, type: number): void;
  channelWindowAdjust(id: number, amount: number): void;
  session(id: number, window: number, packetSize: number): void;
  requestSuccess(): void;
  /** What is done at each message, by its name. */
  readonly _handlers: Record<string, (protocol: RawProtocol, ...content: readonly unknown[]) => void>;
  /** Takes the payload of each packet that came encrypted. */
  _onPayload: (payload: Buffer) => unknown;
  /** What it offers in its KEXINIT. */
  _offer: RawOffer;
  openssh_hostKeysProve(keys: readonly { getPublicSSH(): Buffer }[]): void;
  rekey(): void;
}

/** Lists of algorithms (RFC 4253 §7.1), by direction where there are two of them. */
interface RawOffer {
  readonly lists: {
    readonly kex: NameList;
    readonly serverHostKey: NameList;
    readonly cs: Direction;
    readonly sc: Direction;
  };
}

interface NameList {
  readonly array: readonly string[];
}

type Direction = Readonly<Record<'cipher' | 'mac' | 'compress' | 'lang', NameList>>;

interface RawClient {
  readonly _protocol: RawProtocol & RawTransport;
  /** Who waits for the replies to global requests, in their order. */
  readonly _callbacks: ((failed: boolean | Error) => void)[];
  readonly _sock: { pause(): void; write(data: Buffer): void; readonly writable: boolean };
}

interface RawTransport {
  readonly _packetRW: {
    readonly write: {
      readonly allocStartKEX: number;
      alloc(size: number, force: true): Buffer;
      finalize(packet: Buffer, force: true): Buffer;
    };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
}

/** The peer's protocol and the channel's number there. */
export function below(channel: ServerChannel | ClientChannel): { client: RawClient; id: number } {
  const { _client, outgoing } = channel as unknown as { _client: RawClient; outgoing: { id: number } };
  return { client: _client, id: outgoing.id };
}

export function belowClient(client: ssh2.Client | ssh2.Connection): RawClient {
  return client as unknown as RawClient;
}

/** Sends any bytes as the payload of one packet, whatever the state of the protocol is. */
export function sendPayload(client: ssh2.Client | ssh2.Connection, payload: Buffer): void {
  const { _packetRW, _cipher } = belowClient(client)._protocol;
  const { write } = _packetRW;
  const packet = write.alloc(payload.length, true);
  packet.set(payload, write.allocStartKEX);
  _cipher.encrypt(write.finalize(packet, true));
}

/** Before anything is sent: what comes is not compressed, though what is sent is. ssh2 itself has one list for both directions. */
export function compressSentAlone(client: ssh2.Client): void {
  const { _protocol } = belowClient(client);
  const { kex, serverHostKey, cs, sc } = _protocol._offer.lists;
  const Offer = _protocol._offer.constructor as new (lists: object) => RawOffer;
  _protocol._offer = new Offer({
    kex: kex.array,
    serverHostKey: serverHostKey.array,
    cs: names(cs),
    sc: { ...names(sc), compress: ['none'] },
  });
}

function names({ cipher, mac, compress, lang }: Direction): object {
  return { cipher: cipher.array, mac: mac.array, compress: compress.array, lang: lang.array };
}

/** A client that the test makes misbehave, from `prepare` on: before a byte has come. */
export async function logIn(
  it: GatewayUnderTest,
  prepare: (client: ssh2.Client) => void = () => {},
  options: ssh2.ConnectConfig = {},
): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  const privateKey = await readFile(join(it.folder, 'id'), 'utf8');
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).on('error', reject);
    client.connect({
      host: '127.0.0.1',
      port: it.gateway.address.port,
      username: 'alice',
      privateKey,
      ...PATIENT,
      ...options,
    });
    prepare(client);
  });
  return client;
}
