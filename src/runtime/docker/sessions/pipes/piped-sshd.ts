import { Duplex, type Readable, type Writable } from 'node:stream';
import type { NamedPipes } from './named-pipes.ts';

/** What its standard error still says may come this much after the end of its output; ms. */
const LAST_WORDS = 1_000;

interface Way {
  readonly from: Readable;
  readonly to: Writable;
}

/**
 * An sshd's byte stream: over named pipes, or where it could not open those over the streams of the exec that started it. It speaks
 * first (RFC 4253 §4.2), and where it does so is its way; until then what is written waits. Bytes on the other way are nobody's, and end
 * both. The stream ends after the exec has ended, so that all diagnostics have come.
 */
export class PipedSshd extends Duplex {
  readonly #exec: Duplex;
  readonly #pipes: NamedPipes;
  readonly #ended = new Set<Readable>();
  #way: Way | undefined;
  /** What waits for the way. */
  #held: ((way: Way) => void) | undefined;
  #lastWords: NodeJS.Timeout | undefined;

  constructor(exec: Duplex, pipes: NamedPipes) {
    super({ allowHalfOpen: true });
    this.#exec = exec;
    this.#pipes = pipes;
    for (const way of [{ from: exec, to: exec }, pipes]) this.#listen(way);
    exec.once('close', () => this.#end(exec));
    pipes.to.on('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.#way?.from.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#onWay(({ to }) => to.write(chunk, encoding, done));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#onWay((way) => {
      if (way === this.#pipes) way.to.destroy();
      else way.to.end();
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#lastWords);
    this.#exec.destroy();
    void this.#pipes.leave();
    done(error);
  }

  #listen(way: Way): void {
    const { from } = way;
    from.on('data', (chunk: Buffer) => {
      if (this.#way === undefined) this.#take(way);
      if (this.#way !== way) this.destroy();
      else if (!this.push(chunk)) from.pause();
    });
    from.once('end', () => this.#end(from));
    from.on('error', (error) => this.destroy(error));
  }

  #take(way: Way): void {
    this.#way = way;
    void (way === this.#pipes ? this.#pipes.remove() : this.#pipes.leave());
    this.#held?.(way);
    this.#held = undefined;
  }

  #onWay(act: (way: Way) => void): void {
    if (this.#way === undefined) this.#held = act;
    else act(this.#way);
  }

  #end(from: Readable): void {
    if (this.destroyed || this.#ended.has(from)) return;
    this.#ended.add(from);
    const whole = this.#way === this.#pipes ? this.#ended.size === 2 : this.#ended.has(this.#exec);
    if (whole) this.#finish();
    else this.#lastWords ??= setTimeout(() => this.#finish(), LAST_WORDS);
  }

  #finish(): void {
    clearTimeout(this.#lastWords);
    this.once('end', () => this.destroy());
    this.push(null);
  }
}
