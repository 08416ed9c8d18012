import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { FactoryError } from '../../../../src/errors/factory-error.ts';
import type { Stream } from '../stream.ts';
import { encode, plainPayloads, string } from '../wire.ts';
import { HostileTalk, type Script } from './hostile-talk.ts';
import { PLACE } from './marks.ts';
import { DOOR, FORWARDED } from './server-messages.ts';
import { MANNERS } from './server-stream.ts';

/** SSH_MSG_KEX_ECDH_INIT, which a client sends when both sides have named a method in common. */
const KEX_INIT = 30;

interface HostileServerOptions {
  readonly path: string;
  readonly hostKey: string;
  /** What it writes. */
  readonly mark: string;
  /** At whatever it gets from the gateway. */
  readonly look: (bytes: Buffer) => void;
}

interface Playing {
  readonly stream: Stream;
  readonly over: AbortController;
}

/** What one student runs in the place of their container's sshd: it sends one stream to each who connects. */
export class HostileServer implements AsyncDisposable {
  /** How many streams were sent to their last step. */
  sent = 0;
  /** To how many the gateway has sent its part of a key exchange, so that it takes the server's. */
  exchanges = 0;
  readonly #options: HostileServerOptions;
  readonly #ssh: ssh2.Server;
  readonly #server: Server;
  #socket: Socket | undefined;
  #script: Script | undefined;
  #next: Playing | undefined;
  #playing: Playing | undefined;

  private constructor(options: HostileServerOptions) {
    this.#options = options;
    // One at a time: the last that came.
    this.#ssh = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'OpenSSH_9.2p1' }, (connection) => {
      if (this.#script !== undefined) new HostileTalk(connection, this.#script);
    });
    // The gateway's end alone does not end the connection.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  }

  static async start(options: HostileServerOptions): Promise<HostileServer> {
    const it = new HostileServer(options);
    await new Promise<void>((resolve) => it.#server.listen(options.path, resolve));
    return it;
  }

  /** The gateway's next connection gets `stream`. The signal aborts when the gateway has ended its side of that. */
  prepare(stream: Stream): AbortSignal {
    const over = new AbortController();
    this.#next = { stream, over };
    return over.signal;
  }

  /** The gateway's side of a connection. Throws where no stream is left: what is asked for after one is not served. */
  open(): Socket {
    const next = this.#next;
    if (next === undefined) throw new FactoryError('INNER_SSHD_FAILED', 'It has been stopped.');
    this.#next = undefined;
    this.#playing = next;
    const socket = connect(this.#options.path);
    socket.once('close', () => next.over.abort());
    return socket;
  }

  /** Ends the connection of the stream, whose gateway does not. */
  giveUp(): void {
    this.#socket?.destroy();
  }

  #serve(socket: Socket): void {
    socket.on('error', () => {});
    this.#socket = socket;
    const { stream, over } = this.#playing ?? {};
    if (stream === undefined || over === undefined || over.signal.aborted) {
      socket.destroy();
      return;
    }
    over.signal.addEventListener('abort', () => socket.destroy());
    if (stream.stage === 'connect') {
      void this.#sendBytes(stream, socket);
      return;
    }
    this.#script = {
      stream,
      filledIn: (step, door) => this.#filledIn(step, door),
      onPayload: this.#options.look,
      onSent: () => {
        this.sent += 1;
      },
      over: over.signal,
    };
    this.#ssh.injectSocket(socket);
  }

  async #sendBytes({ steps, variant }: Stream, socket: Socket): Promise<void> {
    this.#watchForExchange(socket);
    for (const step of steps) {
      if (!socket.writable) return;
      socket.write(this.#filledIn(step, undefined));
      await nextTurn();
    }
    this.sent += 1;
    if (MANNERS[variant] !== 'silence at the end') socket.end();
  }

  #watchForExchange(socket: Socket): void {
    const heard: Buffer[] = [];
    socket.on('data', (data: Buffer) => heard.push(data));
    socket.once('close', () => {
      if (plainPayloads(Buffer.concat(heard)).some(([kind]) => kind === KEX_INIT)) this.exchanges += 1;
    });
  }

  #filledIn(step: Buffer, door = FORWARDED.path): Buffer {
    const text = step.toString('latin1');
    const place = encode([string(DOOR)]).toString('latin1');
    const path = encode([string(door)]).toString('latin1');
    return Buffer.from(text.replaceAll(PLACE, this.#options.mark).replaceAll(place, path), 'latin1');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
