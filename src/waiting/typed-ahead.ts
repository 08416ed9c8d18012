import type { Readable } from 'node:stream';

/** Beyond this the client's window closes until the shell reads; bytes. */
const MOST_KEPT = 64 * 1024;

/** Pieces are joined up to this, as they may be of a byte each; bytes. */
const PIECE = 1024;

/** ^C, ^Z and ^\, which a terminal turns into signals. */
const SIGNAL_KEYS = [0x03, 0x1a, 0x1c] as const;

/**
 * Reads what is typed while there is no shell yet, and keeps it for the shell. Enter alone only says "go on". So does a
 * signal key, which drops what was typed before it, as a terminal does: a shell that gets one as its first byte, before
 * it has set up its signals, dies of it, and the student is out.
 */
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
    // Whoever read before has paused it.
    input.resume();
  }

  /** Stops reading and gives what was kept. */
  stop(): Buffer {
    this.#input.off('data', this.#listener);
    this.#input.pause();
    return Buffer.concat(this.#kept);
  }

  #take(typed: Buffer): void {
    const lastSignal = Math.max(...SIGNAL_KEYS.map((key) => typed.lastIndexOf(key)));
    if (lastSignal >= 0) this.#forget();
    this.#keep(typed.subarray(lastSignal + 1));
    if (this.#size > MOST_KEPT) this.#input.pause();
    this.#pressed();
  }

  #forget(): void {
    this.#kept = [];
    this.#size = 0;
  }

  #keep(chunk: Buffer): void {
    if (chunk.length === 0) return;
    const enterAlone = this.#size === 0 && /^[\r\n]+$/.test(chunk.toString('latin1'));
    if (enterAlone) return;
    this.#size += chunk.length;
    const last = this.#kept.at(-1);
    if (last === undefined || last.length + chunk.length > PIECE) this.#kept.push(chunk);
    else this.#kept.splice(-1, 1, Buffer.concat([last, chunk]));
  }
}
