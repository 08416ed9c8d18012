import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Connection, ServerChannel } from 'ssh2';
import { type Field, MESSAGE, packet } from './packets.ts';

/** What ssh2 writes packets with. */
interface PacketWriter {
  readonly _kexinit: Buffer | undefined;
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(length: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
  readonly _handlers: { REQUEST_FAILURE: () => void };
}

/** The server's end of a connection of which every packet is made by hand; the keys are ssh2's. */
export class Peer {
  readonly socket: Socket;
  readonly #connection: Connection;
  readonly #writer: PacketWriter;

  constructor(connection: Connection) {
    const { _protocol } = connection as unknown as { readonly _protocol: PacketWriter };
    this.#connection = connection;
    this.#writer = _protocol;
    this.socket = connection.socket;
  }

  /** Encrypts and sends one message, whatever it says. */
  send(type: number, ...fields: readonly Field[]): void {
    this.sendRaw(packet(type, ...fields));
  }

  sendRaw(payload: Buffer): void {
    const { write } = this.#writer._packetRW;
    const start = write.allocStart;
    const bytes = write.alloc(payload.length);
    bytes.set(payload, start);
    this.#writer._cipher.encrypt(write.finalize(bytes));
  }

  /** Bytes beside the cipher: garbage to whoever decrypts them. */
  bytes(data: Buffer | string): void {
    this.socket.write(data);
  }

  /** Repeats `send` as fast as the gateway takes it, until the gateway has had enough or `ms` have passed. */
  async flood(ms: number, send: (round: number) => void): Promise<void> {
    const end = Date.now() + ms;
    for (let round = 0; Date.now() < end && !this.socket.destroyed && this.socket.writable; round += 1) {
      for (let i = 0; i < 64; i += 1) send(round * 64 + i);
      if (this.socket.writableNeedDrain) {
        const wait = AbortSignal.timeout(Math.max(1, end - Date.now()));
        await once(this.socket, 'drain', { signal: wait }).catch(() => {});
      } else {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** Asks for new keys; resolves when they are in use. */
  async rekey(): Promise<void> {
    await new Promise<void>((resolve) => this.#connection.rekey(resolve));
  }

  /** Resolves when the gateway has done with all that was sent until now. */
  async isHeard(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#writer._handlers.REQUEST_FAILURE = resolve;
    this.send(MESSAGE.globalRequest, 'keepalive@openssh.com', true);
    await promise;
  }

  /** Takes nothing more that the gateway writes. */
  stopReading(): void {
    this.socket.pause();
  }
}

/** The number that the gateway has for this channel. */
export function gatewaysNumberOf(channel: ServerChannel): number {
  const { outgoing } = channel as unknown as { readonly outgoing: { readonly id: number } };
  return outgoing.id;
}
