import { createHash } from 'node:crypto';

/** The first byte of a message. */
export const KIND = {
  /** To the server: is sent back as it is. From it: an echo, or a piece of a stream. */
  data: 0,
  /** To the server: so many random bytes are asked for (uint32). */
  stream: 1,
  /** To the server: what it has seen is asked for. From it: `Sums` in JSON. */
  sums: 2,
} as const;

/** SHA-256 in hex of the data of all messages of one conversation, in their order, as the server saw them. */
export interface Sums {
  readonly fromWindow: string;
  readonly toWindow: string;
}

/** What the server says of itself at `/state`. */
export interface ServerState {
  readonly pid: number;
  /** WebSockets that are open. */
  readonly connections: number;
  /** Conversations, with or without a connection. */
  readonly sessions: number;
}

export function message(kind: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(kind), body]);
}

/** A hash that can be asked on the way. */
export class RunningSum {
  readonly #hash = createHash('sha256');
  bytes = 0;

  add(data: Uint8Array): void {
    this.#hash.update(data);
    this.bytes += data.length;
  }

  get hex(): string {
    return this.#hash.copy().digest('hex');
  }
}
