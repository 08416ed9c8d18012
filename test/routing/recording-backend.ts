import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { readStrictly, type StrictRequest } from './strict-requests.ts';

/** What a request with the header `x-answer` gets instead of a plain 200, for attempts that need a backend of a kind. */
const ANSWERS: Readonly<Record<string, string>> = {
  'bad-upgrade': 'HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n',
  expectation: 'HTTP/1.1 417 Expectation Failed\r\n',
};

/**
 * Stands for a cluster's ingress on a loopback address of its own: HTTP on port 80, TLS on port 443. Each says its nonce to whom
 * reaches it, TLS clients too, in plain: who has sent a ClientHello sees by that who got it. Everything that arrives is kept.
 */
export class RecordingBackend {
  readonly nonce = randomBytes(8).toString('hex');
  readonly address: string;
  readonly requests: StrictRequest[] = [];
  /** What a lenient server could take for another request than a strict one does. */
  readonly faults: string[] = [];
  /** Connections to port 443. */
  tlsConnections = 0;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  /** Connections to port 80 on which more must come. */
  readonly #unfinished = new Set<Socket>();
  #secure: Http2SecureServer | undefined;

  private constructor(address: string) {
    this.address = address;
  }

  /** Undefined where another program has one of the two ports of this address. */
  static async on(address: string): Promise<RecordingBackend | undefined> {
    const backend = new RecordingBackend(address);
    try {
      await backend.#listen(80, (socket) => backend.#http(socket));
      await backend.#listen(443, (socket) => backend.#tls(socket));
      return backend;
    } catch (error) {
      await backend.close();
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
      throw error;
    }
  }

  /** Whether a request has begun to arrive and may go on. */
  get unfinished(): boolean {
    return this.#unfinished.size > 0;
  }

  /** From now on it speaks TLS in earnest, and inside HTTP/1.1 and HTTP/2: the nonce, and the name that it was asked for. */
  openTls({ pem, keyPem }: { pem: string; keyPem: string }): void {
    const answer = (request: Http2ServerRequest, response: Http2ServerResponse) =>
      response.end(`${this.nonce} ${request.headers[':authority'] ?? request.headers.host}`);
    this.#secure = createSecureServer({ cert: pem, key: keyPem, allowHTTP1: true }, answer);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const open = this.#servers.filter((server) => server.listening);
    await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #listen(port: number, serve: (socket: Socket) => void): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      serve(socket);
    });
    this.#servers.push(server);
    server.listen(port, this.address);
    await once(server, 'listening');
  }

  #http(socket: Socket): void {
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('close', () => this.#unfinished.delete(socket));
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let reading = readStrictly(bytes); reading.kind !== 'partial'; reading = readStrictly(bytes)) {
        if (reading.kind === 'fault') {
          this.faults.push(reading.why);
          socket.destroy();
          return;
        }
        bytes = reading.rest;
        this.requests.push(reading.request);
        socket.write(this.#answer(reading.request));
      }
      if (bytes.length > 0) this.#unfinished.add(socket);
      else this.#unfinished.delete(socket);
    });
  }

  #answer({ method, headers }: StrictRequest): string {
    const head = ANSWERS[headers.get('x-answer')?.[0] ?? ''] ?? 'HTTP/1.1 200 OK\r\n';
    const body = method === 'HEAD' ? '' : this.nonce;
    return `${head}Content-Length: ${this.nonce.length}\r\n\r\n${body}`;
  }

  #tls(socket: Socket): void {
    this.tlsConnections++;
    if (this.#secure !== undefined) this.#secure.emit('connection', socket);
    else socket.once('data', () => socket.end(this.nonce));
  }
}
