import { once } from 'node:events';
import ssh2, { type Channel, type ClientChannel } from 'ssh2';
import { FORWARDED } from './server-messages.ts';

const { host, port, path } = FORWARDED;

/** At a time; bytes. */
const WRITES = 4_000;

/** A student's client with an agent, X11, -L and -R; its connection outlives those to hostile servers. */
export class Student {
  readonly #client: ssh2.Client;
  readonly #says: Buffer;
  readonly #look: (bytes: Buffer) => void;
  readonly #channels = new Set<Channel>();
  #connected = true;

  private constructor(client: ssh2.Client, mark: string, look: (bytes: Buffer) => void) {
    this.#client = client;
    this.#says = Buffer.alloc(WRITES, mark);
    this.#look = look;
    client.on('close', () => {
      this.#connected = false;
    });
    client.on('tcp connection', (_, accept) => this.#use(accept()));
    client.on('unix connection', (_, accept) => this.#use(accept()));
    client.on('x11', (_, accept) => this.#use(accept()));
    client.on('agent connection', (accept) => this.#use(accept()));
  }

  /**
   * @param mark what it writes
   * @param look at whatever it gets
   */
  static async logIn(
    login: ssh2.ConnectConfig,
    mark: string,
    look: (bytes: Buffer) => void,
  ): Promise<Student> {
    const client = new ssh2.Client();
    client.on('error', () => {});
    client.connect(login);
    await once(client, 'ready');
    return new Student(client, mark, look);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** No channel is open, whoever opened it. */
  get idle(): boolean {
    return this.#channels.size === 0;
  }

  /** Asks for everything; resolves when all has been answered in some way. */
  async visit(): Promise<void> {
    const client = this.#client;
    const anyPort = answer<number>((done) => client.forwardIn(host, 0, done));
    await Promise.all([
      answer<number>((done) => client.forwardIn(host, port, done)),
      anyPort,
      answer((done) => client.openssh_forwardInStreamLocal(path, done)),
      this.#command(),
      this.#forward(),
    ]);
    const granted = await anyPort;
    // Else there are as many as one may have in the end.
    if (granted !== undefined) await answer((done) => client.unforwardIn(host, granted, done));
  }

  end(): void {
    this.#client.end();
  }

  async #forward(): Promise<void> {
    const channel = await answer<Channel>((done) => this.#client.forwardOut(host, 1, host, 80, done));
    if (channel !== undefined) this.#use(channel);
  }

  async #command(): Promise<void> {
    const { request } = ssh2.Client;
    const channel = await answer<ClientChannel>((done) => this.#client.openSession(done));
    if (channel === undefined) return;
    this.#use(channel);
    const x11 = { single: false, protocol: '', cookie: '00ff', screen: 0 };
    await Promise.all([
      answer((done) => request.pty(channel, {}, done)),
      answer((done) => request.x11(channel, x11, done)),
      answer((done) => request.agent(channel, done)),
      this.#offerAgentAgain(channel),
      answer((done) => request.exec(channel, 'true', {}, done)),
    ]);
  }

  /** ssh2 does it once in a connection. */
  #offerAgentAgain(channel: ClientChannel): void {
    ssh2.Client.request.other(channel, 'auth-agent-req@openssh.com', Buffer.alloc(0));
  }

  #use(channel: Channel): void {
    this.#channels.add(channel);
    channel.once('close', () => this.#channels.delete(channel));
    channel.on('error', () => {});
    channel.on('data', this.#look);
    channel.stderr?.on('data', this.#look);
    channel.on('end', () => channel.end());
    channel.write(this.#says);
  }
}

/** What is answered; undefined: it was refused. */
async function answer<T>(
  ask: (done: (error?: Error | boolean | null, value?: T) => void) => void,
): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<T | undefined>();
  ask((error, value) => resolve(error ? undefined : value));
  return await promise;
}
