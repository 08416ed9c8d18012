import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { eventually } from '../harness/eventually.ts';
import { ReplayLink } from './server/replay-link.ts';
import { KIND, message, RunningSum, type Sums } from './server/wire.ts';

/** Makes a connection to the server that runs in the container. */
export type Dial = () => Promise<Socket>;

const sumsSchema: z.ZodType<Sums> = z.object({ fromWindow: z.string(), toWindow: z.string() });

/** ms; of a handshake through the forward, on a busy machine. */
const OPEN_WITHIN = 60_000;

/** A window's end of one conversation, which lasts longer than the WebSockets that carry it. */
export class Conversation {
  readonly link = new ReplayLink((payload) => this.#take(payload));
  readonly #name = randomUUID();
  readonly #toServer = new RunningSum();
  readonly #fromServer = new RunningSum();
  #known = false;
  #expected = 0;
  #sums: Sums | undefined;

  /** Opens a WebSocket for it, the first or one that goes on where the last one ended. */
  async connect(dial: Dial, token: string): Promise<void> {
    const stream = await dial();
    const asked = new URLSearchParams({
      token,
      reconnectionToken: this.#name,
      reconnection: String(this.#known),
    });
    const socket = new WebSocket(`ws://127.0.0.1/?${asked}`, {
      createConnection: () => stream,
      perMessageDeflate: false,
      handshakeTimeout: OPEN_WITHIN,
    });
    // Attached at once: the server's first message comes with the end of the handshake.
    const opened = once(socket, 'open');
    socket.on('error', () => socket.terminate());
    socket.once('open', () => this.link.attach(socket));
    await opened;
    this.#known = true;
  }

  /** Bytes of data that came from the server. */
  get received(): number {
    return this.#fromServer.bytes;
  }

  /** Sends random bytes, which the server echoes. */
  say(bytes: number): void {
    const body = randomBytes(bytes);
    this.#toServer.add(body);
    this.#expected += bytes;
    this.link.send(message(KIND.data, body));
  }

  /** Asks for so many random bytes. */
  askFor(bytes: number): void {
    const body = Buffer.alloc(4);
    body.writeUInt32BE(bytes);
    this.#expected += bytes;
    this.link.send(message(KIND.stream, body));
  }

  /** Resolves when all that was said and asked for has come, and both ends saw the same bytes in both directions. */
  async settles(within: number): Promise<void> {
    await eventually(() => this.received === this.#expected, {
      what: `${this.#expected} bytes come from the server, not ${this.received}`,
      within,
      every: 20,
    });
    this.#sums = undefined;
    this.link.send(message(KIND.sums, Buffer.of()));
    const sums = await eventually(() => this.#sums, { what: "the server's sums", within, every: 20 });
    expect(sums).toEqual({ fromWindow: this.#toServer.hex, toWindow: this.#fromServer.hex });
  }

  #take(payload: Buffer): void {
    const body = payload.subarray(1);
    if (payload[0] === KIND.data) this.#fromServer.add(body);
    else this.#sums = sumsSchema.parse(JSON.parse(body.toString()));
  }
}
