import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from 'ssh2';
import { belowClient, sendPayload } from '../../raw-protocol.ts';
import { LAST, LAST_QUESTION } from '../last-question.ts';
import type { Stream } from '../stream.ts';
import { grantAll } from './grant-all.ts';
import { MANNERS } from './server-stream.ts';

/** How often it asks whether anybody is there: what its steps set going at the student gets these turns. */
const QUESTIONS = 3;

const KEXINIT = 20;

export interface Script {
  readonly stream: Stream;
  /** What is sent in the place of a step. */
  readonly filledIn: (step: Buffer, door: string | undefined) => Buffer;
  /** With the payload of each packet that the gateway has encrypted. */
  readonly onPayload: (payload: Buffer) => void;
  /** Once, when the last step has been sent. */
  readonly onSent: () => void;
  /** Aborts when the gateway has ended the connection. */
  readonly over: AbortSignal;
}

/** A server's end of a connection: it keeps to the protocol as far as the stream's stage, and then sends the steps. */
export class HostileTalk {
  readonly #connection: Connection;
  readonly #script: Script;
  #door: string | undefined;
  #begun = false;

  constructor(connection: Connection, script: Script) {
    this.#connection = connection;
    this.#script = script;
    // What the gateway makes of such a stream may well be against the protocol.
    connection.on('error', () => {});
    this.#watch();
    const { stage } = script.stream;
    if (stage === 'userauth') {
      connection.on('authentication', () => {});
      connection.once('handshake', () => void this.#begin());
      return;
    }
    connection.on('authentication', (context) => context.accept());
    if (stage === 'session') connection.once('ready', () => void this.#begin());
    if (stage === 'open') this.#leaveUnanswered();
    grantAll(connection, {
      door: (path) => {
        this.#door = path;
      },
      exec: () => void this.#begin(),
    });
  }

  #watch(): void {
    const protocol = belowClient(this.#connection)._protocol;
    const take = protocol._onPayload;
    protocol._onPayload = (payload) => {
      this.#script.onPayload(payload);
      return take(payload);
    };
  }

  #leaveUnanswered(): void {
    const { _handlers } = belowClient(this.#connection)._protocol;
    _handlers.GLOBAL_REQUEST = () => {};
    _handlers.CHANNEL_OPEN = () => void this.#begin();
  }

  async #begin(): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    await nextTurn();
    try {
      await this.#sendAll();
      this.#script.onSent();
      this.#finish();
    } catch {
      // The gateway has ended the connection under its hands.
    }
  }

  async #sendAll(): Promise<void> {
    const { steps, variant } = this.#script.stream;
    const manner = MANNERS[variant];
    for (const [at, step] of steps.entries()) {
      if (manner === 'a step a turn') await nextTurn();
      if (manner === 'new keys in the middle' && at === steps.length >> 1) await this.#renewKeys();
      this.#script.over.throwIfAborted();
      sendPayload(this.#connection, this.#script.filledIn(step, this.#door));
    }
  }

  /** Where no step begins that by itself: of two at a time neither is finished. */
  async #renewKeys(): Promise<void> {
    if (this.#wantsKeys) return;
    belowClient(this.#connection)._protocol.rekey();
    await once(this.#connection, 'rekey', { signal: this.#script.over });
  }

  get #wantsKeys(): boolean {
    return this.#script.stream.steps.some((step) => step[0] === KEXINIT);
  }

  /** Goes when it has been answered; at once where the gateway may have to wait for a key exchange. */
  #finish(): void {
    const { stage, variant } = this.#script.stream;
    if (stage !== 'userauth' && !this.#wantsKeys) this.#ask(QUESTIONS);
    else if (MANNERS[variant] !== 'silence at the end') this.#connection.socket.end();
  }

  #ask(questions: number): void {
    if (questions === 0) {
      this.#connection.socket.end();
      return;
    }
    belowClient(this.#connection)._protocol._handlers.CHANNEL_OPEN_FAILURE = (_protocol, channel) => {
      if (channel === LAST) this.#ask(questions - 1);
    };
    sendPayload(this.#connection, LAST_QUESTION);
  }
}
