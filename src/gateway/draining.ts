import type { Clock } from '../time/clock.ts';
import { inWords } from '../words/time-span.ts';

/** Before the end, those who are still there are told once more; ms. */
const REMINDERS = [5 * 60_000, 60_000, 10_000];

/** Somebody's connection, as far as draining goes. */
interface Drained {
  tell(text: string): void;
  readonly lifetime: { endSoon(reason: 'restart'): void };
}

export interface DrainRequest {
  /** When sessions that are still there are ended; ms since the epoch. */
  readonly until: number;
  /** What the operator wants to say, one line; undefined: nothing. */
  readonly message: string | undefined;
}

/** Emptying the gateway in good order: nobody new is let in, those who are there are told, and ended at a given time. */
export class Draining {
  readonly #connections: Iterable<Drained>;
  readonly #clock: Clock;
  #request: DrainRequest | undefined;
  #timers: Disposable[] = [];

  constructor(connections: Iterable<Drained>, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
  }

  /** Undefined: new sessions are taken. */
  get request(): DrainRequest | undefined {
    return this.#request;
  }

  /** The sentence for who comes now; undefined: they may come in. */
  refusal(): string | undefined {
    if (this.#request === undefined) return undefined;
    const { until, message } = this.#request;
    const left = until - this.#clock.now();
    const when = left > 0 ? `Try again in ${inWords(left)}.` : 'Try again in a few minutes.';
    return ['The lab takes no new sessions now, because it is about to be restarted.', message, when]
      .filter((sentence) => sentence !== undefined)
      .join(' ');
  }

  /** Takes the place of a drain that was begun before. */
  begin(request: DrainRequest): void {
    this.#disarm();
    this.#request = request;
    const left = request.until - this.#clock.now();
    this.#remind(left);
    for (const before of REMINDERS) if (before < left) this.#arm(left - before, () => this.#remind(before));
    this.#arm(left, () => this.#end());
  }

  cancel(): void {
    if (this.#request === undefined) return;
    this.#disarm();
    this.#request = undefined;
    this.#tell('The restart of the lab is called off; your session goes on.');
  }

  /** Nothing happens by itself any more. */
  close(): void {
    this.#disarm();
  }

  #remind(left: number): void {
    const message = this.#request?.message;
    const reason = message === undefined ? '' : ` ${message}`;
    this.#tell(
      `The lab is restarted in ${inWords(left)}, and your session ends then.${reason} Save your work; files and cluster stay.`,
    );
  }

  #end(): void {
    this.#tell('The lab is restarted now, and your session ends. Connect again in a few minutes.');
    for (const { lifetime } of this.#connections) lifetime.endSoon('restart');
  }

  #tell(text: string): void {
    for (const connection of this.#connections) connection.tell(`\n${text}`);
  }

  #arm(delay: number, callback: () => void): void {
    this.#timers.push(this.#clock.schedule(Math.max(0, delay), callback));
  }

  #disarm(): void {
    for (const timer of this.#timers.splice(0)) timer[Symbol.dispose]();
  }
}
