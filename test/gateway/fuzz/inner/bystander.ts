import { once } from 'node:events';
import ssh2, { type ClientChannel } from 'ssh2';
import { comeIn } from '../../come-in.ts';

/** Of what he says at a time: more than a packet, and no multiple of one; bytes. */
const LENGTH = 40_001;

/** He has not been answered by then; ms. The gateway may be that busy, no more. */
const PATIENCE = 45_000;

/** A student of the same gateway whose container is honest: a shell there repeats what it is told. */
export class Bystander {
  readonly #client: ssh2.Client;
  readonly #shell: ClientChannel;
  readonly #mark: string;
  #echoes = 0;
  #slowest = 0;
  #asking: Promise<void> | undefined;
  /** What is still to come of the echo. */
  #awaited = Buffer.alloc(0);
  #answered = Promise.withResolvers<void>();
  #trouble: Error | undefined;

  private constructor(client: ssh2.Client, shell: ClientChannel, mark: string) {
    this.#client = client;
    this.#shell = shell;
    this.#mark = mark;
    shell.on('data', (bytes: Buffer) => this.#hear(bytes));
    // Else a complaint before the first question would be nobody's.
    this.#answered.resolve();
    shell.stderr.on('data', (bytes: Buffer) => this.#hear(bytes));
    shell.on('error', () => {});
    shell.on('close', () => this.#complain('lost his shell'));
  }

  static logIn(login: ssh2.ConnectConfig, mark: string): Promise<Bystander> {
    return comeIn(
      () => Bystander.#openShell(login, mark),
      (bystander) => bystander.expectEcho(),
    );
  }

  static async #openShell(login: ssh2.ConnectConfig, mark: string): Promise<Bystander> {
    const client = new ssh2.Client();
    client.on('error', () => {});
    client.connect(login);
    await once(client, 'ready');
    const shell = await new Promise<ClientChannel>((resolve, reject) =>
      client.shell(false, (error, channel) => (error ? reject(error) : resolve(channel))),
    );
    return new Bystander(client, shell, mark);
  }

  /** How often he was answered, and how long he waited at most; ms. */
  get report(): { readonly echoes: number; readonly slowestEcho: number } {
    return { echoes: this.#echoes, slowestEcho: Math.round(this.#slowest) };
  }

  /** Rejects unless he gets what he says, soon, and has got nothing else. Those who ask at the same time share an echo. */
  async expectEcho(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    await this.#asking;
  }

  end(): void {
    this.#client.end();
  }

  async #ask(): Promise<void> {
    if (this.#trouble !== undefined) throw this.#trouble;
    const began = performance.now();
    this.#answered = Promise.withResolvers();
    this.#awaited = Buffer.alloc(LENGTH, `${this.#mark} ${this.#echoes} `);
    this.#shell.write(this.#awaited);
    const timer = setTimeout(() => this.#complain('was not answered'), PATIENCE);
    try {
      await this.#answered.promise;
    } finally {
      clearTimeout(timer);
    }
    this.#echoes += 1;
    this.#slowest = Math.max(this.#slowest, performance.now() - began);
  }

  #hear(bytes: Buffer): void {
    if (!bytes.equals(this.#awaited.subarray(0, bytes.length))) {
      this.#complain(`heard ${bytes.subarray(0, 100).toString('latin1')}`);
      return;
    }
    this.#awaited = this.#awaited.subarray(bytes.length);
    if (this.#awaited.length === 0) this.#answered.resolve();
  }

  /** Now, or the next time that he is asked. */
  #complain(of: string): void {
    this.#trouble = new Error(`the bystander ${of}`);
    this.#answered.reject(this.#trouble);
  }
}
