import { Duplex, type Writable } from 'node:stream';
import { OutputFrames } from './output-frames.ts';

/**
 * The standard streams of a process without a terminal: readable is its standard output, writable its standard input, and
 * its standard error goes to `stderr`. A reader that is slow, on either output, stops the connection and so the process.
 * Ending the writable side closes standard input alone; destroying closes all.
 */
export class ExecDuplex extends Duplex {
  readonly #connection: Duplex;
  readonly #stderr: Writable;
  readonly #frames = new OutputFrames();
  #stdoutFull = false;
  #stderrFull = false;

  constructor(connection: Duplex, stderr: Writable) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.#stderr = stderr;
    connection.on('data', (chunk: Buffer) => this.#take(chunk));
    connection.once('end', () => this.#finish());
    connection.once('error', (error) => this.destroy(error));
    connection.once('close', () => this.#closed());
    stderr.on('drain', () => {
      this.#stderrFull = false;
      this.#flow();
    });
    stderr.on('error', () => this.destroy());
  }

  override _read(): void {
    this.#stdoutFull = false;
    this.#flow();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // The process has ended. What it wrote before is still to be read, so this is no reason to destroy the stream.
    if (!this.#connection.writable) done();
    else this.#connection.write(chunk, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#connection.writable) this.#connection.end(done);
    else done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.destroy();
    this.#stderr.end();
    done(error);
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return;
    try {
      for (const { output, bytes } of this.#frames.push(chunk)) {
        if (output === 'stdout') this.#stdoutFull = !this.push(bytes) || this.#stdoutFull;
        else this.#stderrFull = !this.#stderr.write(bytes) || this.#stderrFull;
      }
    } catch (thrown) {
      this.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
      return;
    }
    if (this.#stdoutFull || this.#stderrFull) this.#connection.pause();
  }

  #flow(): void {
    if (!this.#stdoutFull && !this.#stderrFull) this.#connection.resume();
  }

  #finish(): void {
    this.push(null);
    this.#stderr.end();
  }

  /** The process has ended, or the engine is gone. */
  #closed(): void {
    if (!this.#connection.readableEnded || this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }
}
