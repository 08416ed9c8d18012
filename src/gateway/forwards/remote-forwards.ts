import type { Connection, SocketBindInfo, TcpipBindInfo } from 'ssh2';
import { answerOf } from '../inner/inner-answer.ts';
import type { InnerConnection } from '../inner/inner-connection.ts';
import type { ForwardContext } from './forward-context.ts';

/** Those of one connection, asked for and granted; each is a socket that listens in the container. */
const MOST_FORWARDS = 256;

/** Where the container's sshd listens for a client, as it was asked to. */
export type RemoteForward =
  | {
      readonly kind: 'tcp';
      /** As the client wrote it: "", "localhost", an address. */
      readonly host: string;
      /** In a request 0 stands for any port; never in a granted forward. */
      readonly port: number;
    }
  | { readonly kind: 'unix'; readonly path: string };

interface Granted {
  readonly forward: RemoteForward;
  /** Where it listens; when that is over, nowhere. */
  inner: InnerConnection;
}

/**
 * Serves `-R`: `tcpip-forward` and `cancel-tcpip-forward` (RFC 4254 §7.1), and the same of OpenSSH for Unix sockets (PROTOCOL §2.4).
 * The container's sshd listens, and decides whether it may, as any sshd does.
 */
export class RemoteForwards {
  readonly #context: ForwardContext;
  readonly #granted = new Map<string, Granted>();
  #asked = 0;

  constructor(connection: Connection, context: ForwardContext) {
    this.#context = context;
    // ssh2 gives the replies in the order of the requests (RFC 4254 §4), whenever they are known.
    connection.on('request', (accept, reject, name: string, info: TcpipBindInfo | SocketBindInfo) => {
      const answer = (port: number | undefined): void => {
        if (context.signal.aborted) return;
        if (port === undefined) reject?.();
        else accept?.(port);
      };
      const forward = 'bindPort' in info ? tcp(info.bindAddr, info.bindPort) : unix(info.socketPath);
      void (isCancellation(name) ? this.#cancel(forward) : this.#grant(forward)).then(answer);
    });
  }

  /** Whether the client has asked for it, and it was granted. */
  has(forward: RemoteForward): boolean {
    return this.#granted.has(keyOf(forward));
  }

  /** Whether some listen nowhere, as the connection to the container was lost. */
  get anyLost(): boolean {
    return this.#lost().length > 0;
  }

  /** Has `inner` listen where connections that are over did. Resolves when it has answered; what it refused stays lost. Never rejects. */
  async restore(inner: InnerConnection): Promise<void> {
    await Promise.all(this.#lost().map((granted) => this.#listenAgain(granted, inner)));
  }

  #lost(): readonly Granted[] {
    return [...this.#granted.values()].filter(({ inner }) => inner.over.aborted);
  }

  async #listenAgain(granted: Granted, inner: InnerConnection): Promise<void> {
    const { forward } = granted;
    try {
      await listen(inner, forward);
      granted.inner = inner;
      // The client may have cancelled it meanwhile.
      if (this.#granted.get(keyOf(forward)) !== granted) await stopListening(inner, forward);
    } catch (error) {
      this.#context.logger.debug({ err: error }, 'a remote forward does not listen again');
    }
  }

  /** Resolves with the port, 0 for a Unix socket; undefined: it is refused. Never rejects. */
  async #grant(forward: RemoteForward): Promise<number | undefined> {
    if (this.#granted.size + this.#asked >= MOST_FORWARDS) return undefined;
    this.#asked += 1;
    try {
      const inner = await this.#context.hop.connect();
      const port = await listen(inner, forward);
      // Nobody would hear of its end any more.
      if (inner.over.aborted) return undefined;
      const granted = forward.kind === 'tcp' ? tcp(forward.host, port) : forward;
      this.#granted.set(keyOf(granted), { forward: granted, inner });
      return port;
    } catch (error) {
      this.#context.logger.debug({ err: error }, 'a remote forward was refused');
      return undefined;
    } finally {
      this.#asked -= 1;
    }
  }

  async #cancel(forward: RemoteForward): Promise<number | undefined> {
    const granted = this.#granted.get(keyOf(forward));
    if (granted === undefined) return undefined;
    this.#granted.delete(keyOf(forward));
    if (granted.inner.over.aborted) return 0;
    try {
      await stopListening(granted.inner, forward);
      return 0;
    } catch (error) {
      this.#context.logger.debug({ err: error }, 'a remote forward did not end');
      return undefined;
    }
  }
}

function tcp(host: string, port: number): RemoteForward {
  return { kind: 'tcp', host, port };
}

function unix(path: string): RemoteForward {
  return { kind: 'unix', path };
}

function keyOf(forward: RemoteForward): string {
  return forward.kind === 'tcp' ? `tcp ${forward.port} ${forward.host}` : `unix ${forward.path}`;
}

function isCancellation(name: string): boolean {
  return name.startsWith('cancel-');
}

async function listen(inner: InnerConnection, forward: RemoteForward): Promise<number> {
  return await answerOf<number>(inner, (done) => {
    if (forward.kind === 'tcp') inner.client.forwardIn(forward.host, forward.port, done);
    else inner.client.openssh_forwardInStreamLocal(forward.path, (error) => done(error, 0));
  });
}

async function stopListening(inner: InnerConnection, forward: RemoteForward): Promise<void> {
  await answerOf<void>(inner, (done) => {
    const answer = (error?: Error | null): void => done(error, undefined);
    if (forward.kind === 'tcp') inner.client.unforwardIn(forward.host, forward.port, answer);
    else inner.client.openssh_unforwardInStreamLocal(forward.path, answer);
  });
}
