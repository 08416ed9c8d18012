import { Writable } from 'node:stream';

/** A sink that keeps the last `limit` bytes written to it. */
export class LastBytes extends Writable {
  readonly #limit: number;
  #kept = Buffer.alloc(0);

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  text(): string {
    return this.#kept.toString('utf8');
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#kept = Buffer.from(Buffer.concat([this.#kept, chunk]).subarray(-this.#limit));
    done();
  }
}
