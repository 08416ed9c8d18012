import type { WebSocket } from 'ws';
import { parseJson } from '../../json/parse-json.ts';
import { CHANNEL } from './channels.ts';
import type { DataChannel } from './data-channel.ts';

/** What comes on the channels that are not data; false: it is nothing that may come there. */
export type OnControl = (channel: number, value: unknown) => boolean;

/** One WebSocket with its channels. Whatever the peer breaks of the protocol ends the connection and nothing else. */
export class ChannelLink {
  /** Resolves when the connection is over, however. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #onControl: OnControl;
  readonly #readers = new Map<number, DataChannel>();
  readonly #writers = new Map<number, DataChannel>();

  constructor(socket: WebSocket, onControl: OnControl) {
    this.#socket = socket;
    this.#onControl = onControl;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    socket.on('message', (data, isBinary) => {
      if (!isBinary || !Buffer.isBuffer(data) || !this.#take(data))
        socket.close(1002, 'not a message of ours');
    });
    // Its close follows, which is what counts.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      for (const channel of new Set([...this.#readers.values(), ...this.#writers.values()])) channel.cut();
      resolve();
    });
  }

  /** `channel` gets what comes on `reads`, and the credit of `writes`. */
  attach(channel: DataChannel, reads: number | undefined, writes: number | undefined): void {
    if (reads !== undefined) this.#readers.set(reads, channel);
    if (writes !== undefined) this.#writers.set(writes, channel);
  }

  sendData(channel: number, bytes: Uint8Array): void {
    this.#send(Buffer.concat([Buffer.of(channel), bytes]));
  }

  sendEnd(channel: number): void {
    this.#send(Buffer.of(CHANNEL.close, channel));
  }

  sendCredit(channel: number, bytes: number): void {
    const message = Buffer.of(CHANNEL.credit, channel, 0, 0, 0, 0);
    message.writeUInt32BE(bytes, 2);
    this.#send(message);
  }

  sendControl(channel: number, value: object): void {
    this.sendData(channel, Buffer.from(JSON.stringify(value)));
  }

  /** After what was sent. A peer that does not close in turn is cut off (by the library, after 30 s). */
  close(): void {
    this.#socket.close(1000);
  }

  #send(message: Buffer): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message);
  }

  #take(message: Buffer): boolean {
    const [channel, subject] = message;
    switch (channel) {
      case undefined:
        return false;
      case CHANNEL.close:
        return subject !== undefined && (this.#readers.get(subject)?.receiveEnd() ?? false);
      case CHANNEL.credit:
        if (subject === undefined || message.length !== 6) return false;
        return this.#writers.get(subject)?.receiveCredit(message.readUInt32BE(2)) ?? false;
      case CHANNEL.status:
      case CHANNEL.resize:
        return this.#onControl(channel, parseJson(message.toString('utf8', 1)));
      default:
        return this.#readers.get(channel)?.receiveData(message.subarray(1)) ?? false;
    }
  }
}
