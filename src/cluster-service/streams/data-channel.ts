import { Duplex } from 'node:stream';
import type { ChannelLink } from './channel-link.ts';
import { LONGEST_MESSAGE, WINDOW } from './channels.ts';

export interface DataChannelOptions {
  /** The channel that this end reads; undefined: it only writes. */
  readonly reads: number | undefined;
  /** The channel that it writes; undefined: it only reads. */
  readonly writes: number | undefined;
}

/** So much has been read before it is said: few messages, and never so few that the writer has to wait. Bytes. */
const CREDIT_STEP = WINDOW / 4;

/**
 * A channel, or one for each direction, as a stream. Never is more than a window of it under way, so a slow reader holds up its
 * writer and fills no memory. Ending the writable side tells the other side of that end alone.
 */
export class DataChannel extends Duplex {
  readonly #link: ChannelLink;
  readonly #reads: number | undefined;
  readonly #writes: number | undefined;
  /** What has come and the reader had no room for. */
  readonly #waiting: Buffer[] = [];
  #isWanted = false;
  /** What the other side may still send, bytes. */
  #granted = WINDOW;
  /** What was read and not yet said, bytes. */
  #owed = 0;
  #hasEnded = false;
  /** What this side may still send, bytes. */
  #credit = WINDOW;
  #unsent: { rest: Buffer; readonly done: () => void } | undefined;
  #isCut = false;

  constructor(link: ChannelLink, { reads, writes }: DataChannelOptions) {
    super({ allowHalfOpen: true, highWaterMark: LONGEST_MESSAGE });
    this.#link = link;
    this.#reads = reads;
    this.#writes = writes;
    link.attach(this, reads, writes);
    if (reads === undefined) this.resume().push(null);
    if (writes === undefined) this.end();
  }

  /** False: it is more than was granted, or came after the end. */
  receiveData(bytes: Buffer): boolean {
    this.#granted -= bytes.length;
    if (this.#granted < 0 || this.#hasEnded) return false;
    // Where nobody wants it any more the other side learns of that by the end of the connection.
    if (this.destroyed || bytes.length === 0) return true;
    this.#waiting.push(bytes);
    this.#flow();
    return true;
  }

  receiveEnd(): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    this.#flow();
    return true;
  }

  receiveCredit(bytes: number): boolean {
    this.#credit += bytes;
    if (this.#credit > WINDOW) return false;
    this.#sendOn();
    return true;
  }

  /** The connection is over: what has come whole is still there to be read, and all else ends here. */
  cut(): void {
    this.#isCut = true;
    this.#sendOn();
    if (!this.#hasEnded || this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  override _read(): void {
    this.#isWanted = true;
    this.#flow();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#unsent = { rest: chunk, done };
    this.#sendOn();
  }

  override _final(done: () => void): void {
    if (this.#writes !== undefined) this.#link.sendEnd(this.#writes);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#waiting.length = 0;
    this.#unsent = undefined;
    done(error);
  }

  #flow(): void {
    while (this.#isWanted) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) break;
      this.#isWanted = this.push(bytes);
      this.#owe(bytes.length);
    }
    if (!this.#isWanted || !this.#hasEnded) return;
    this.#isWanted = false;
    this.push(null);
  }

  #owe(bytes: number): void {
    this.#owed += bytes;
    if (this.#owed < CREDIT_STEP || this.#reads === undefined) return;
    this.#granted += this.#owed;
    this.#link.sendCredit(this.#reads, this.#owed);
    this.#owed = 0;
  }

  #sendOn(): void {
    const unsent = this.#unsent;
    if (unsent === undefined || this.#writes === undefined) return;
    // Nobody takes it any more. What has come before is still to be read, so this is no reason to end.
    if (this.#isCut) unsent.rest = unsent.rest.subarray(unsent.rest.length);
    while (unsent.rest.length > 0 && this.#credit > 0) {
      const bytes = unsent.rest.subarray(0, Math.min(this.#credit, LONGEST_MESSAGE));
      unsent.rest = unsent.rest.subarray(bytes.length);
      this.#credit -= bytes.length;
      this.#link.sendData(this.#writes, bytes);
    }
    if (unsent.rest.length > 0) return;
    this.#unsent = undefined;
    unsent.done();
  }
}
