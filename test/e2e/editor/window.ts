import { once } from 'node:events';
import { get } from 'node:http';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { z } from 'zod';
import { eventually } from '../harness/eventually.ts';
import { Conversation } from './conversation.ts';
import { type Line, type LineOptions, openLine } from './line.ts';
import { type RunningServer, scriptPrints } from './script.ts';
import type { ServerState } from './server/wire.ts';

/** Conversations of a window: management, the extension host, and one for each port that somebody looks at. */
export const CONVERSATIONS = 8;
/** Of those, so many that nobody says anything in until the end. */
const IDLE = 2;
/** Bytes of one message; ms between two. */
const [MESSAGE, PACE] = [8_192, 100];
/** Until a window tries again to connect; ms. */
const AGAIN_AFTER = 500;
/** As VS Code has it: who begins while the line is gone must not wait for long when it is back. */
const AGAIN = ['-o', 'ConnectTimeout=15'];

export interface WindowOptions extends LineOptions {
  /** The shell that had the script ends when the conversations have begun, so that nothing but forwards is left. */
  readonly shellEnds: boolean;
}

const stateSchema: z.ZodType<ServerState> = z.object({
  pid: z.number(),
  connections: z.number(),
  sessions: z.number(),
});

/** An editor's window: a connection that is made again when it is lost, and conversations that go on. */
export class EditorWindow implements AsyncDisposable {
  readonly conversations = Array.from({ length: CONVERSATIONS }, () => new Conversation());
  readonly #options: WindowOptions;
  readonly #closing = new AbortController();
  #line: Line;
  /** How often the connection was made again. */
  reconnects = 0;
  /** Attempts to, that failed. */
  failures = 0;

  private constructor(options: WindowOptions, line: Line) {
    this.#options = options;
    this.#line = line;
    void this.#stayConnected();
  }

  static async open(options: Partial<WindowOptions> & Pick<WindowOptions, 'student' | 'seat' | 'send'>) {
    const all: WindowOptions = { forward: 'dynamic', shellEnds: false, args: [], ...options };
    const line = await openLine(all);
    const window = new EditorWindow(all, line);
    await window.#connectAll();
    return window;
  }

  get server(): RunningServer {
    return this.#line.server;
  }

  /** What the server says of itself, asked through the forward. */
  async state(): Promise<ServerState> {
    const stream = await this.#line.dial();
    const response = once(get({ createConnection: () => stream, path: '/state' }), 'response');
    const [body]: Readable[] = await response;
    return stateSchema.parse(await json(body ?? Readable.from([])));
  }

  /** Messages of the window that were sent again after a connection was lost. */
  get replayed(): number {
    return this.conversations.reduce((sum, { link }) => sum + link.replayed, 0);
  }

  /** Fails unless the `ssh` that had the script printed what the script did, and nothing else on both outputs. */
  expectNothingButTheScript(before = ''): void {
    const { mark, sent, stdout, stderr } = this.#line.printed();
    expect(stderr).toBe('');
    expect(stdout).toBe(before + scriptPrints(mark, this.server, sent));
  }

  /** Streams, echoes, and silence in the others, until `signal` aborts. */
  async work(signal: AbortSignal): Promise<void> {
    const busy = this.conversations.slice(IDLE);
    while (!signal.aborted) {
      for (const [index, conversation] of busy.entries()) {
        if (index % 2 === 0) conversation.say(MESSAGE);
        else conversation.askFor(MESSAGE);
      }
      await delay(PACE);
    }
  }

  /** One message in each conversation, and then all of both ends' bytes are compared. */
  async settles(within: number): Promise<void> {
    for (const conversation of this.conversations) conversation.say(MESSAGE);
    await Promise.all(this.conversations.map((conversation) => conversation.settles(within)));
  }

  /** Resolves when its `ssh` has noticed that the line is dead. */
  async losesLine(within: number): Promise<void> {
    const { ssh } = this.#line;
    await ssh.ended(within);
  }

  async reconnected(times: number, within: number): Promise<void> {
    await eventually(() => this.reconnects === times, {
      what: `the window connects again, after ${this.failures} failures`,
      within,
      every: 50,
    });
  }

  /** Closed by its user: the shell is told to end, and the conversations with it. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { link } of this.conversations) link.detach();
    this.#line.ssh.endInput();
    await this.#line.ssh.ended();
  }

  /** Its `ssh` is killed, as with the whole editor. */
  async kill(): Promise<void> {
    this.#closing.abort();
    this.#line.ssh.signal('SIGKILL');
    await this.#line.ssh.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const { link } of this.conversations) link.detach();
    await this.#line.ssh[Symbol.asyncDispose]();
  }

  async #connectAll(): Promise<void> {
    const { dial, server, ssh } = this.#line;
    await Promise.all(this.conversations.map((conversation) => conversation.connect(dial, server.token)));
    if (this.#options.shellEnds) ssh.write('exit\n');
  }

  async #stayConnected(): Promise<void> {
    const closing = this.#closing.signal;
    while (!closing.aborted) {
      await this.#line.ssh.closed;
      if (closing.aborted) return;
      await delay(AGAIN_AFTER, undefined, { signal: closing }).catch(() => {});
      if (closing.aborted) return;
      try {
        this.#line = await openLine({ ...this.#options, args: [...this.#options.args, ...AGAIN] });
        await this.#connectAll();
        this.reconnects++;
      } catch {
        this.failures++;
      }
    }
  }
}
