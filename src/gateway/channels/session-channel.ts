import { setMaxListeners } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { PseudoTtyInfo, ServerChannel, X11Info } from 'ssh2';
import type { Exit } from './exit.ts';
import type { SessionSettings } from './session-settings.ts';

interface ChannelContext {
  /** A person's shell on a terminal, and no program that reads what comes. */
  readonly interactive: boolean;
  /** The client knows OpenSSH's `eow@openssh.com`. */
  readonly knowsEow: boolean;
  /** Aborts when the client has closed the channel or is gone: it takes no more output. */
  readonly closed: AbortSignal;
  /** Aborts when the connection is over: nothing may be sent. */
  readonly gone: AbortSignal;
  /** Called once, when the channel is finished. */
  readonly onFinish: () => void;
}

/** The client's side of a running shell, command or subsystem. Whoever gets one calls `finish` in the end. */
export class SessionChannel {
  readonly #channel: ServerChannel;
  readonly #settings: SessionSettings;
  readonly #context: ChannelContext;
  #state: 'open' | 'eof' | 'finished' = 'open';

  constructor(channel: ServerChannel, settings: SessionSettings, context: ChannelContext) {
    this.#channel = channel;
    this.#settings = settings;
    this.#context = context;
    setMaxListeners(0, context.closed);
    channel.on('error', () => {});
    channel.stderr.on('error', () => {});
  }

  get stdin(): Readable {
    return this.#channel;
  }

  get stdout(): Writable {
    return this.#channel;
  }

  get stderr(): Writable {
    return this.#channel.stderr;
  }

  /** Aborts when the client has closed the channel or is gone. */
  get signal(): AbortSignal {
    return this.#context.closed;
  }

  get env(): Readonly<Record<string, string>> {
    return this.#settings.env;
  }

  /** The terminal as it is now; undefined: the client asked for none. */
  get pty(): PseudoTtyInfo | undefined {
    return this.#settings.pty;
  }

  /** The X server that the client would show (RFC 4254 §6.3.1); undefined: none. */
  get x11(): X11Info | undefined {
    return this.#settings.x11;
  }

  /** Whether the client lets its agent be used. */
  get agent(): boolean {
    return this.#settings.agent;
  }

  /** Calls `listener` after each change of the terminal's size, until the channel is over. */
  onResize(listener: (pty: PseudoTtyInfo) => void): void {
    this.#settings.onResize(listener);
  }

  /** Calls `listener` with each signal the client sends to the command, from its start on, by its bare name. */
  onSignal(listener: (name: string) => void): void {
    this.#settings.onSignal(listener);
  }

  /** Calls `listener` with the length of each break (RFC 4335) from the start on, as it came: 4 bytes, ms. */
  onBreak(listener: (length: Buffer) => void): void {
    this.#settings.onBreak(listener);
  }

  /** Calls `listener` when the client reads no more output (OpenSSH's PROTOCOL §2.1). */
  onEow(listener: () => void): void {
    this.#settings.onEow(listener);
  }

  get interactive(): boolean {
    return this.#context.interactive;
  }

  /** Text for the person at the other end. Only a person's shell gets it on standard output. */
  tell(text: string): void {
    if (this.signal.aborted || this.#state !== 'open') return;
    const lines = this.pty === undefined ? `${text}\n` : `${text.replace(/\r?\n/g, '\r\n')}\r\n`;
    if (this.interactive) this.stdout.write(lines);
    else this.stderr.write(lines);
  }

  /** No more output will come; the exit may still be far away. */
  endOutput(): void {
    if (this.signal.aborted || this.#state !== 'open') return;
    this.#state = 'eof';
    this.#channel.eof();
  }

  /** Nothing reads the input any more: the client may stop to send it. */
  endReading(): void {
    if (this.#context.knowsEow && !this.signal.aborted && this.#state !== 'finished') this.#channel.eow();
  }

  /** Lets the client take all output, tells it how the command ended, and closes. Safe to call twice. */
  async finish(exit: Exit | undefined): Promise<void> {
    if (this.#state === 'finished') return;
    if (this.#state === 'open') await this.#flush();
    this.#state = 'finished';
    if (!this.#context.gone.aborted) this.#close(exit);
    this.#context.onFinish();
  }

  #close(exit: Exit | undefined): void {
    if (exit?.kind === 'status') this.#channel.exit(exit.code);
    if (exit?.kind === 'signal') this.#channel.exit(exit.name, exit.coreDumped, '');
    // close() drops what is parked (ssh2 issue 1508), so it is only for a client that has closed its side.
    if (this.signal.aborted) this.#channel.close();
    else this.#channel.end();
    this.#channel.resume();
  }

  /** Resolves when the client has been sent everything, or takes nothing any more. */
  async #flush(): Promise<void> {
    if (this.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (): void => resolve();
    this.signal.addEventListener('abort', done);
    // Writes are taken in order, so an empty one is taken when all before it are.
    this.stderr.write('', () => this.stdout.write('', done));
    try {
      await promise;
    } finally {
      this.signal.removeEventListener('abort', done);
    }
  }
}
