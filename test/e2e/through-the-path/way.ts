import { once } from 'node:events';
import {
  type ClientRequest,
  type IncomingMessage,
  request as overHttp,
  type RequestOptions,
} from 'node:http';
import { request as overTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';

export interface WayOptions {
  readonly name: 'HTTP' | 'HTTPS';
  /** Of the factory's routes. */
  readonly at: { readonly host: string; readonly port: number };
  /** The app's host. */
  readonly host: string;
  /** The certificate that is trusted, PEM. */
  readonly ca: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: Buffer;
}

/** A client's way to the app: over HTTP, or over TLS that the edge does not open. */
export class Way {
  readonly name: 'HTTP' | 'HTTPS';
  readonly host: string;
  readonly at: WayOptions['at'];
  readonly #tls: { readonly servername: string; readonly ca: string } | undefined;

  constructor({ name, at, host, ca }: WayOptions) {
    this.name = name;
    this.host = host;
    this.at = at;
    this.#tls = name === 'HTTPS' ? { servername: host, ca } : undefined;
  }

  /** A request that its caller writes and ends. A connection of its own unless an agent is given. */
  open(path: string, options: RequestOptions = {}): ClientRequest {
    const { host, port } = this.at;
    const all = {
      agent: false,
      ...options,
      host,
      port,
      path,
      headers: { host: this.host, ...options.headers },
    };
    return this.#tls === undefined ? overHttp(all) : overTls({ ...all, ...this.#tls });
  }

  /** A request without a body, and all of its answer. */
  async ask(path: string, options: RequestOptions = {}): Promise<Answer> {
    const request = this.open(path, options);
    request.end();
    return answerTo(request);
  }

  /** A connection that carries what its caller writes, after TLS where that is the way. */
  async connect(ALPNProtocols: string[] = []): Promise<Socket> {
    if (this.#tls === undefined) {
      const socket = connect(this.at);
      await once(socket, 'connect');
      return socket;
    }
    const socket = connectTls({ ...this.at, ...this.#tls, ALPNProtocols });
    await once(socket, 'secureConnect');
    return socket;
  }

  /** A WebSocket to the app's echo that is open. */
  async webSocket(): Promise<WebSocket> {
    const scheme = this.#tls === undefined ? 'ws' : 'wss';
    const { host, port } = this.at;
    const socket = new WebSocket(`${scheme}://${host}:${port}/socket`, {
      headers: { host: this.host },
      perMessageDeflate: false,
      ...this.#tls,
    });
    await once(socket, 'open');
    return socket;
  }
}

/** Resolves with all of the answer; rejects where it ends before its end. */
export async function answerTo(request: ClientRequest): Promise<Answer> {
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('no response');
  const body = await buffer(response);
  const { statusCode: status = 0, headers, trailers } = response;
  return { status, headers, trailers, body };
}
