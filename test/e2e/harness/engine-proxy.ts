import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

const ENGINE = '/var/run/docker.sock';

/** Stands between a factory and the Docker engine, and can be cut: the engine "goes away" for this factory alone. */
export class EngineProxy implements AsyncDisposable {
  readonly #path: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  static async start(folder: string): Promise<EngineProxy> {
    const proxy = new EngineProxy(join(folder, 'engine.sock'));
    await proxy.restore();
    return proxy;
  }

  /** For `DOCKER_HOST`. */
  get url(): string {
    return `unix://${this.#path}`;
  }

  /** Drops every connection and takes no new ones. */
  async cut(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async restore(): Promise<void> {
    await rm(this.#path, { force: true });
    const server = createServer({ allowHalfOpen: true }, (client) => this.#join(client));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.#path, resolve));
    this.#server = server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cut();
  }

  #join(client: Socket): void {
    const engine = connect({ path: ENGINE, allowHalfOpen: true });
    for (const [socket, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
