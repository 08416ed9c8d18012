import type { Readable } from 'node:stream';

/** Beyond this the client's window closes until the shell reads; bytes. */
const MOST_KEPT = 64 * 1024;

/** Reads what is typed while there is no shell yet, and keeps it for the shell. Enter alone only says "go on". */
export class TypedAhead {
  readonly #input: Readable;
  readonly #pressed: () => void;
  readonly #listener = (chunk: Buffer): void => this.#take(chunk);
  #kept: Buffer[] = [];
  #size = 0;

  /** @param pressed called at each key */
  constructor(input: Readable, pressed: () => void) {
    this.#input = input;
    this.#pressed = pressed;
    input.on('data', this.#listener);
  }

  /** Stops reading and gives what was kept. */
  stop(): Buffer {
    this.#input.off('data', this.#listener);
    this.#input.pause();
    return Buffer.concat(this.#kept);
  }

  #take(chunk: Buffer): void {
    const enterAlone = this.#size === 0 && /^[\r\n]+$/.test(chunk.toString('latin1'));
    if (!enterAlone) {
      this.#kept.push(chunk);
      this.#size += chunk.length;
    }
    if (this.#size > MOST_KEPT) this.#input.pause();
    this.#pressed();
  }
}
