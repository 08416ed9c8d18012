import type { Readable } from 'node:stream';
import type { Clock } from '../../time/clock.ts';
import type { Size } from './draw.ts';
import { LineView } from './line-view.ts';
import { ListView } from './list-view.ts';
import type { LabChoice } from './picker.ts';
import type { Decision, PickerView } from './picker-view.ts';

/** States are looked up so often; ms. */
const REFRESH_EVERY = 1_000;

/** How long the rest of a key may be under way behind its escape; ms. */
const SEQUENCE_TIME = 300;

/** The terminal of the person who chooses. */
export interface PickerTerminal {
  readonly input: Readable;
  /** Calls `taken` when the text is on its way to the client. */
  write(text: string, taken: () => void): void;
  /** Undefined: it can not move its cursor, or nobody knows how wide it is. */
  size(): Size | undefined;
}

export interface PickOptions {
  readonly terminal: PickerTerminal;
  /** The labs as they are now; at least one. Their names and their order never change. */
  readonly labs: () => readonly LabChoice[];
  /** Who types nothing for so long is no longer there; ms. */
  readonly patience: number;
  readonly clock: Clock;
  /** Aborts when there is nothing to choose any more. */
  readonly signal: AbortSignal;
}

export type Picked =
  | Decision
  /** Nothing was typed for the whole patience. */
  | { readonly kind: 'idle' }
  /** Nothing more can be typed. */
  | { readonly kind: 'input_ended' }
  /** The signal aborted. */
  | { readonly kind: 'over' };

/** Lets a person choose a lab at their terminal. What they type after that stays in the terminal's input. */
export class LabPicker {
  readonly #options: PickOptions;
  readonly #view: PickerView;
  readonly #picked = Promise.withResolvers<Picked>();
  readonly #timers = new Map<'refresh' | 'patience' | 'sequence', Disposable>();
  readonly #listener = (chunk: Buffer): void => this.#typed(chunk);
  #isOver = false;
  /** Something is being written: a client that reads slowly gets the latest state, not all of them. */
  #isWriting = false;
  #isStale = false;

  constructor(options: PickOptions) {
    this.#options = options;
    const labs = options.labs();
    this.#view = options.terminal.size() === undefined ? new LineView(labs) : new ListView(labs);
  }

  /** Never rejects. The terminal is as it was when this resolves, but for what the person answered. */
  async run(): Promise<Picked> {
    const { terminal, signal } = this.#options;
    const { input } = terminal;
    const over = (): void => this.#finish({ kind: 'over' });
    const ended = (): void => this.#finish({ kind: 'input_ended' });
    signal.addEventListener('abort', over);
    input.on('data', this.#listener).once('end', ended);
    if (signal.aborted) over();
    else if (input.readableEnded) ended();
    else this.#begin();
    const picked = await this.#picked.promise;
    signal.removeEventListener('abort', over);
    input.off('end', ended);
    return picked;
  }

  /** Shows how things are now; the terminal may have another size. */
  redraw(): void {
    if (this.#isOver) return;
    if (this.#isWriting) {
      this.#isStale = true;
      return;
    }
    this.#write(this.#view.draw(this.#options.labs(), this.#size));
  }

  /** A sentence for the person, above the list. */
  tell(text: string): void {
    if (this.#isOver) return;
    const lines = `${text.replace(/\r?\n/g, '\r\n')}\r\n`;
    this.#write(`${this.#view.clear(this.#size)}${lines}`);
    this.redraw();
  }

  #begin(): void {
    this.#patience();
    this.#refresh();
  }

  #refresh(): void {
    this.redraw();
    this.#arm('refresh', REFRESH_EVERY, () => this.#refresh());
  }

  #patience(): void {
    this.#arm('patience', this.#options.patience, () => this.#finish({ kind: 'idle' }));
  }

  #typed(chunk: Buffer): void {
    this.#timers.get('sequence')?.[Symbol.dispose]();
    for (const [at, byte] of chunk.entries()) {
      const decision = this.#view.take(byte);
      if (decision !== undefined) {
        this.#finish(decision, chunk.subarray(at + 1));
        return;
      }
    }
    this.#patience();
    if (this.#view.undecided) this.#arm('sequence', SEQUENCE_TIME, () => this.#settle());
    this.redraw();
  }

  #settle(): void {
    const decision = this.#view.settle();
    if (decision !== undefined) this.#finish(decision);
  }

  /** @param rest what was typed ahead: it is for whoever reads the input next */
  #finish(picked: Picked, rest: Buffer = Buffer.alloc(0)): void {
    if (this.#isOver) return;
    const { input } = this.#options.terminal;
    input.off('data', this.#listener);
    input.pause();
    if (rest.length > 0) input.unshift(rest);
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#write(this.#view.clear(this.#size));
    this.#isOver = true;
    this.#picked.resolve(picked);
  }

  #write(text: string): void {
    if (text === '') return;
    this.#isWriting = true;
    this.#options.terminal.write(text, () => this.#taken());
  }

  #taken(): void {
    this.#isWriting = false;
    if (!this.#isStale) return;
    this.#isStale = false;
    this.redraw();
  }

  get #size(): Size {
    return this.#options.terminal.size() ?? { columns: 80, rows: 24 };
  }

  #arm(name: 'refresh' | 'patience' | 'sequence', delay: number, callback: () => void): void {
    this.#timers.get(name)?.[Symbol.dispose]();
    this.#timers.set(name, this.#options.clock.schedule(delay, callback));
  }
}
