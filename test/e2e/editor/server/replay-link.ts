import type { WebSocket } from 'ws';

/** Number of the message, number of the last one that came from the other side; both uint32, big-endian. */
const HEADER = 8;
/** The number of a frame that only acknowledges. */
const NO_MESSAGE = 0;
/** How many messages may come before the other side is told, if there is nothing to send to it; both ends may forget so late. */
const ACKNOWLEDGE_EVERY = 16;

/**
 * A conversation that outlives its connections, as an editor has with its server: each message has a number, whoever sent it keeps
 * it until it is acknowledged, and sends it again on the next connection. Each message arrives once, in order.
 */
export class ReplayLink {
  readonly #onMessage: (payload: Buffer) => void;
  readonly #unacknowledged: { readonly id: number; readonly payload: Buffer }[] = [];
  #sent = 0;
  #received = 0;
  #acknowledged = 0;
  #socket: WebSocket | undefined;
  /** Messages that were sent again on a new connection. */
  replayed = 0;

  constructor(onMessage: (payload: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  get connected(): boolean {
    return this.#socket !== undefined;
  }

  /** Sent now, or with the next connection. */
  send(payload: Buffer): void {
    this.#sent++;
    this.#unacknowledged.push({ id: this.#sent, payload });
    this.#transmit(this.#sent, payload);
  }

  /** Goes on by this connection, which is open; an earlier one is ended. */
  attach(socket: WebSocket): void {
    this.#socket?.terminate();
    this.#socket = socket;
    socket.on('message', (data) => {
      if (this.#socket === socket && Buffer.isBuffer(data)) this.#take(data);
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    this.#transmit(NO_MESSAGE, Buffer.of());
    this.replayed += this.#unacknowledged.length;
    for (const { id, payload } of this.#unacknowledged) this.#transmit(id, payload);
  }

  /** Ends the connection; the conversation can go on. */
  detach(): void {
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  #transmit(id: number, payload: Buffer): void {
    if (this.#socket === undefined) return;
    const header = Buffer.alloc(HEADER);
    header.writeUInt32BE(id, 0);
    header.writeUInt32BE(this.#received, 4);
    this.#acknowledged = this.#received;
    // What a connection that just ended does not take is sent again on the next.
    this.#socket.send(Buffer.concat([header, payload]), () => {});
  }

  #take(frame: Buffer): void {
    const id = frame.readUInt32BE(0);
    const acknowledged = frame.readUInt32BE(4);
    const kept = this.#unacknowledged.findIndex((message) => message.id > acknowledged);
    this.#unacknowledged.splice(0, kept === -1 ? this.#unacknowledged.length : kept);
    if (id === NO_MESSAGE || id <= this.#received) return;
    if (id !== this.#received + 1) throw new Error(`message ${id} came after ${this.#received}`);
    this.#received = id;
    this.#onMessage(frame.subarray(HEADER));
    if (this.#received - this.#acknowledged >= ACKNOWLEDGE_EVERY) this.#transmit(NO_MESSAGE, Buffer.of());
  }
}
