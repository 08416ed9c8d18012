import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from './eventually.ts';

/** A TCP connection that a test writes to by hand. Disposing it closes it. */
export class TcpClient implements Disposable {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
  }

  static async to(port: number): Promise<TcpClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new TcpClient(socket);
  }

  /** Through a SOCKS 5 proxy without authentication (RFC 1928) on `proxy`, to a port of 127.0.0.1 behind it. */
  static async through(proxy: number, port: number): Promise<TcpClient> {
    const client = await TcpClient.to(proxy);
    await client.ask([5, 1, 0], 2);
    const answer = await client.ask([5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff], 10);
    if (answer[1] !== 0) throw new Error(`the proxy answers ${answer[1]}`);
    return client;
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  /** Writes, and resolves with that many bytes of the answer. */
  async ask(bytes: readonly number[] | string, answer: number): Promise<Buffer> {
    this.#received = Buffer.alloc(0);
    this.#socket.write(typeof bytes === 'string' ? bytes : Buffer.from(bytes));
    await eventually(() => this.#received.length >= answer, {
      what: `${answer} bytes of an answer`,
      every: 10,
    });
    return this.#received.subarray(0, answer);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
