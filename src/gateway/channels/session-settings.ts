import type { PseudoTtyInfo, Session, X11Info } from 'ssh2';
import { parseSignal } from './exit.ts';
import { Relay } from './relay.ts';

/** What one session may set; more is refused. */
const MOST_VARIABLES = 256;
const LONGEST_VARIABLE = 32 * 1024;

/** All variables together; characters. A connection has many sessions, and a session need never start anything. */
const MOST_ENVIRONMENT = 128 * 1024;

/** The terminal's name (`TERM`); characters. */
const LONGEST_TERM = 256;

/** Signals, and breaks, that wait for a command which has yet to start; more are refused. */
const MOST_WAITING = 16;

/** What a client asks of a session around its shell or command: variables, a terminal and its size, an agent, X11, signals. */
export class SessionSettings {
  readonly #env: Record<string, string> = Object.create(null);
  readonly #resized: ((pty: PseudoTtyInfo) => void)[] = [];
  readonly #signals = new Relay<string>(MOST_WAITING);
  readonly #breaks = new Relay<Buffer>(MOST_WAITING);
  readonly #readsNoMore = new Relay<void>(1);
  #pty: PseudoTtyInfo | undefined;
  #x11: X11Info | undefined;
  #agent = false;
  #size = 0;

  constructor(session: Session) {
    session.on('env', (accept, reject, { key, val }) => answer(this.#setVariable(key, val), accept, reject));
    session.on('pty', (accept, reject, info) => {
      const isSane = info.term.length <= LONGEST_TERM;
      if (isSane) this.#pty = info;
      answer(isSane, accept, reject);
    });
    session.on('window-change', (accept, _reject, { cols, rows, width, height }) => {
      this.#resize({ cols, rows, width, height });
      answer(true, accept, undefined);
    });
    session.on('signal', (accept, reject, { name }) => {
      const signal = parseSignal(name);
      answer(signal !== undefined && this.#signals.tell(signal), accept, reject);
    });
    session.on('x11', (accept, _reject, info) => {
      this.#x11 = info;
      answer(true, accept, undefined);
    });
    session.on('auth-agent', (accept) => {
      this.#agent = true;
      answer(true, accept, undefined);
    });
    session.on('eow@openssh.com', () => void this.#readsNoMore.tell());
    session.on('break', (accept, reject, length) => answer(this.#breaks.tell(length), accept, reject));
  }

  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  get pty(): PseudoTtyInfo | undefined {
    return this.#pty;
  }

  /** Undefined: the client has no X server to show. */
  get x11(): X11Info | undefined {
    return this.#x11;
  }

  /** Whether the client lets its agent be used. */
  get agent(): boolean {
    return this.#agent;
  }

  /** The shell or command was asked for. What is meant for it and comes before it runs waits for it. */
  start(): void {
    for (const relay of [this.#signals, this.#breaks, this.#readsNoMore]) relay.keep();
  }

  onResize(listener: (pty: PseudoTtyInfo) => void): void {
    this.#resized.push(listener);
  }

  onSignal(listener: (name: string) => void): void {
    this.#signals.listen(listener);
  }

  onBreak(listener: (length: Buffer) => void): void {
    this.#breaks.listen(listener);
  }

  onEow(listener: () => void): void {
    this.#readsNoMore.listen(listener);
  }

  #setVariable(name: string, value: string): boolean {
    const size = name.length + value.length;
    if (Object.keys(this.#env).length >= MOST_VARIABLES || size > LONGEST_VARIABLE) return false;
    if (this.#size + size > MOST_ENVIRONMENT) return false;
    this.#size += size;
    this.#env[name] = value;
    return true;
  }

  #resize(size: Pick<PseudoTtyInfo, 'cols' | 'rows' | 'width' | 'height'>): void {
    if (this.#pty === undefined) return;
    const pty = { ...this.#pty, ...size };
    this.#pty = pty;
    for (const listener of this.#resized) listener(pty);
  }
}

/** ssh2 hands out no functions where the client wants no reply, whatever its types say. */
function answer(good: boolean, accept: (() => void) | undefined, reject: (() => void) | undefined): void {
  if (good) accept?.();
  else reject?.();
}
