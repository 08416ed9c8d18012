import { setMaxListeners } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { PseudoTtyInfo, ServerChannel } from 'ssh2';
import type { Exit } from './exit.ts';
import type { SessionSettings } from './session-settings.ts';

/** The client's side of a running shell, command or subsystem. */
export class SessionChannel {
  readonly #channel: ServerChannel;
  readonly #settings: SessionSettings;
  readonly #over: AbortSignal;
  #state: 'open' | 'eof' | 'finished' = 'open';

  /** @param over aborts when the client has closed the channel or is gone */
  constructor(channel: ServerChannel, settings: SessionSettings, over: AbortSignal) {
    this.#channel = channel;
    this.#settings = settings;
    this.#over = over;
    setMaxListeners(0, over);
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
    return this.#over;
  }

  get env(): Readonly<Record<string, string>> {
    return this.#settings.env;
  }

  /** The terminal as it is now; undefined: the client asked for none. */
  get pty(): PseudoTtyInfo | undefined {
    return this.#settings.pty;
  }

  /** Calls `listener` after each change of the terminal's size, until the channel is over. */
  onResize(listener: (pty: PseudoTtyInfo) => void): void {
    this.#settings.onResize(listener);
  }

  /** Calls `listener` with each signal the client sends, by its bare name. */
  onSignal(listener: (name: string) => void): void {
    this.#settings.onSignal(listener);
  }

  /** Text for the person at the other end: on the terminal where there is one, else on standard error. */
  tell(text: string): void {
    if (this.#over.aborted || this.#state !== 'open') return;
    if (this.pty === undefined) this.stderr.write(`${text}\n`);
    else this.stdout.write(`${text.replace(/\r?\n/g, '\r\n')}\r\n`);
  }

  /** No more output will come; the exit may still be far away. */
  endOutput(): void {
    if (this.#over.aborted || this.#state !== 'open') return;
    this.#state = 'eof';
    this.#channel.eof();
  }

  /** Lets the client take all output, tells it how the command ended, and closes. Safe to call twice. */
  async finish(exit: Exit | undefined): Promise<void> {
    if (this.#state === 'finished') return;
    const flushed = this.#state === 'eof' || (await this.#flush());
    this.#state = 'finished';
    if (!flushed || this.#over.aborted) return;
    if (exit?.kind === 'status') this.#channel.exit(exit.code);
    if (exit?.kind === 'signal') this.#channel.exit(exit.name, exit.coreDumped, '');
    // Never destroy(): that drops what is parked (ssh2 issue 1508).
    this.#channel.end();
    this.#channel.resume();
  }

  /** False: the client was gone before it had taken everything. */
  async #flush(): Promise<boolean> {
    if (this.#over.aborted) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const gone = (): void => resolve(false);
    this.#over.addEventListener('abort', gone);
    // Writes are taken in order, so an empty one is taken when all before it are.
    this.stderr.write('', () => this.stdout.write('', () => resolve(true)));
    try {
      return await promise;
    } finally {
      this.#over.removeEventListener('abort', gone);
    }
  }
}
