import { once } from 'node:events';
import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Certificate } from '../../e2e/harness/certificate.ts';
import { numberedLine } from '../../e2e/harness/numbered-lines.ts';

/** ms between two chunks. */
const PACE = 10;
const LINES_OF_CHUNK = 64;

/**
 * Stands for a cluster's ingress, on a loopback address of its own: on ports 80 and 443 all that is asked for is a download of
 * numbered lines, which goes on until `endDownloads`.
 */
export class DownloadServer implements AsyncDisposable {
  readonly address: string;
  readonly #http: Server;
  readonly #https: Server;
  /** With how many lines each has. */
  readonly #downloads = new Map<ServerResponse, number>();
  readonly #timer: NodeJS.Timeout;

  private constructor(address: string, { pem, keyPem }: Certificate) {
    const answer = (_: unknown, response: ServerResponse) => {
      this.#downloads.set(response, 0);
      response.on('close', () => this.#downloads.delete(response));
    };
    this.address = address;
    this.#http = createHttpServer(answer);
    this.#https = createHttpsServer({ cert: pem, key: keyPem }, answer);
    this.#timer = setInterval(() => this.#writeMore(), PACE);
  }

  static async start(certificate: Certificate): Promise<DownloadServer> {
    const part = (from: number) => from + Math.floor(Math.random() * 62);
    const server = new DownloadServer(`127.${part(192)}.${part(0)}.${part(1)}`, certificate);
    try {
      await once(server.#http.listen(80, server.address), 'listening');
      await once(server.#https.listen(443, server.address), 'listening');
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  endDownloads(): void {
    for (const response of this.#downloads.keys()) response.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const server of [this.#http, this.#https]) {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    }
  }

  #writeMore(): void {
    for (const [response, from] of this.#downloads) {
      if (response.writableEnded || response.writableNeedDrain) continue;
      response.write(
        Array.from({ length: LINES_OF_CHUNK }, (_, index) => numberedLine(from + index)).join(''),
      );
      this.#downloads.set(response, from + LINES_OF_CHUNK);
    }
  }
}
