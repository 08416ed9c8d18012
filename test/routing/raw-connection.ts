import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How long an answer may take before it counts as none. ms. */
const PATIENCE = 30_000;

/** A TCP connection to the edge that carries what no HTTP or TLS library would send. */
export class RawConnection implements Disposable {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #changed = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#change(() => (this.#bytes = Buffer.concat([this.#bytes, chunk]))));
    for (const event of ['error', 'close', 'end'])
      socket.on(event, () => this.#change(() => (this.#ended = true)));
  }

  static async to(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Resolves when it is written; what the other side has closed takes nothing, which is no error. */
  async send(bytes: string | Buffer): Promise<void> {
    if (this.#socket.writable) {
      await new Promise<void>((resolve) => this.#socket.write(bytes, 'latin1', () => resolve()));
    }
  }

  /** All bytes so far as soon as `enough` says so or the other side has closed; `open` where it is not closed. */
  async received(enough: (bytes: Buffer) => boolean): Promise<{ bytes: Buffer; open: boolean }> {
    const late = AbortSignal.timeout(PATIENCE);
    const expired = once(late, 'abort');
    while (!this.#ended && !late.aborted && !enough(this.#bytes)) {
      await Promise.race([this.#changed.promise, expired]);
    }
    return { bytes: this.#bytes, open: !this.#ended };
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #change(change: () => void): void {
    change();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
