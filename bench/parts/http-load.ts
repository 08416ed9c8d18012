import { Agent, request as plain } from 'node:http';
import { request as secure, Agent as TlsAgent } from 'node:https';

/** Whom to ask, and where it is to be found. */
export interface LoadTarget {
  /** The name of the `Host` header, and of the hello. */
  readonly host: string;
  readonly at: { readonly host: string; readonly port: number };
  /** What to trust, PEM: asked by HTTPS. Undefined: by HTTP. */
  readonly ca: string | undefined;
}

/** ms; of one request. */
const LIMIT = 60_000;

/** What Node's own client sees of a server. It takes about 0.1 ms of a core a request itself, whomever it asks. */
export class HttpLoad implements Disposable {
  readonly #target: LoadTarget;
  readonly #agent: Agent;

  /** `connections`: kept open, at most. */
  constructor(target: LoadTarget, connections: number) {
    this.#target = target;
    const options = { keepAlive: true, maxSockets: connections };
    this.#agent = target.ca === undefined ? new Agent(options) : new TlsAgent(options);
  }

  /** Of so many requests one after the other over one connection; ms each. */
  async latencies(requests: number): Promise<readonly number[]> {
    await this.#get('/', this.#agent);
    return this.#each(requests, this.#agent);
  }

  /** The same with a connection for each, and a whole handshake where it is TLS. */
  latenciesOfNewConnections(requests: number): Promise<readonly number[]> {
    return this.#each(requests, false);
  }

  /** Requests/s that all connections together get answered, each asking again as soon as it is answered, for so many ms. */
  async rate(during: number): Promise<number> {
    const began = performance.now();
    let answered = 0;
    const connection = async () => {
      while (performance.now() - began < during) {
        await this.#get('/', this.#agent);
        answered += 1;
      }
    };
    await Promise.all(Array.from({ length: this.#agent.maxSockets }, connection));
    return answered / ((performance.now() - began) / 1_000);
  }

  /** Bytes/s of one download, from its request to its last byte. */
  async download(): Promise<number> {
    const began = performance.now();
    const bytes = await this.#get('/', this.#agent);
    return bytes / ((performance.now() - began) / 1_000);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #each(requests: number, agent: Agent | false): Promise<readonly number[]> {
    const found: number[] = [];
    for (let index = 0; index < requests; index += 1) {
      const began = performance.now();
      await this.#get('/', agent);
      found.push(performance.now() - began);
    }
    return found;
  }

  /** Resolves with the size of the answer; rejects where that is not 200. */
  #get(path: string, agent: Agent | false): Promise<number> {
    const { host, at, ca } = this.#target;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const options = { ...at, path, agent, headers: { host }, timeout: LIMIT };
    const asked = ca === undefined ? plain(options) : secure({ ...options, ca, servername: host });
    asked.on('response', (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`${host} answers ${response.statusCode}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer of ${host}`)));
    asked.on('error', reject).end();
    return promise;
  }
}
