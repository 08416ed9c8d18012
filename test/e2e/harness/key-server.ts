import { createServer, type Server } from 'node:http';

/** Stands for GitHub on the loopback: serves `/<user>.keys` as github.com does, and `/api/users/<user>` as its API does. */
export class KeyServer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #keys = new Map<string, readonly string[]>();
  readonly #accounts = new Map<string, number>();
  readonly #asked: string[] = [];
  #broken = false;
  #apiBroken = false;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(): Promise<KeyServer> {
    const server = createServer();
    const port = await new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address === null || typeof address === 'string') reject(new Error('the key server has no port'));
        else resolve(address.port);
      });
    });
    const keyServer = new KeyServer(server, `http://127.0.0.1:${port}`);
    server.on('request', (request, response) => {
      const { status, body } = keyServer.#answer(decodeURIComponent(request.url ?? ''));
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body);
    });
    return keyServer;
  }

  /** `keys`: lines as in authorized_keys; `account`: its number, for the API. */
  set(user: string, keys: readonly string[], account?: number): void {
    this.#keys.set(user, keys);
    if (account !== undefined) this.#accounts.set(user, account);
  }

  /** From now on every answer is 500, until `mend`. */
  break(): void {
    this.#broken = true;
  }

  /** The same of the API alone. */
  breakApi(): void {
    this.#apiBroken = true;
  }

  mend(): void {
    this.#broken = false;
    this.#apiBroken = false;
  }

  get api(): string {
    return `${this.url}/api`;
  }

  /** The paths that were asked for, oldest first. */
  get asked(): readonly string[] {
    return this.#asked;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(path: string): { status: number; body: string } {
    this.#asked.push(path);
    const isApi = path.startsWith('/api/');
    if (this.#broken || (isApi && this.#apiBroken)) return { status: 500, body: 'broken\n' };
    if (isApi) return this.#answerApi(path);
    const user = /^\/(.+)\.keys$/.exec(path)?.[1]?.toLowerCase();
    const keys = user === undefined ? undefined : this.#keys.get(user);
    if (keys === undefined) return { status: 404, body: 'Not Found\n' };
    return { status: 200, body: keys.map((key) => `${key}\n`).join('') };
  }

  #answerApi(path: string): { status: number; body: string } {
    const login = /^\/api\/users\/(.+)$/.exec(path)?.[1] ?? '';
    const id = this.#accounts.get(login.toLowerCase());
    return id === undefined
      ? { status: 404, body: '{"message":"Not Found"}' }
      : { status: 200, body: JSON.stringify({ id, login }) };
  }
}
