import type { Readable } from 'node:stream';
import type { FactoryError } from '../errors/factory-error.ts';
import { sentenceWithId } from '../logging/log-failure.ts';
import type { Clock } from '../time/clock.ts';
import type { Lease } from '../workspaces/workspace-access.ts';
import { clusterDelaysPrompt } from './cluster-wait.ts';
import { statusLine } from './status-line.ts';
import { TypedAhead } from './typed-ahead.ts';

/** Who gets in faster than this sees nothing; ms. */
const FIRST_LINE_AFTER = 250;
const REDRAW_EVERY = 125;

/** The student's terminal. */
export interface WaitingTerminal {
  readonly input: Readable;
  write(text: string): void;
  columns(): number;
}

export interface WaitingOptions {
  readonly terminal: WaitingTerminal;
  readonly lease: Pick<Lease, 'containerPhase' | 'clusterPhase' | 'onPhaseChange' | 'noteInput'>;
  /** What the person can do about a cluster that failed, to stand behind the sentence about it; empty where nothing helps. */
  readonly adviceOn: (failure: FactoryError) => string;
  /** Resolves when a shell could be started; its rejection ends the wait too, and is left to the caller. */
  readonly shellPossible: Promise<unknown>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Shows a student what their container and cluster are doing, until the shell can start and the cluster is no longer
 * worth waiting for, or a key is pressed. Resolves with what was typed for the shell.
 */
export async function waitForWorkspace(options: WaitingOptions): Promise<Buffer> {
  const screen = new WaitingScreen(options);
  return await screen.run();
}

class WaitingScreen {
  readonly #options: WaitingOptions;
  readonly #done = Promise.withResolvers<void>();
  readonly #typed: TypedAhead;
  #timer: Disposable | undefined;
  #frame = 0;
  /** When the shell became possible; ms since the epoch. */
  #possibleSince: number | undefined;
  #keyPressed = false;
  #sawClusterWork = false;

  constructor(options: WaitingOptions) {
    this.#options = options;
    this.#typed = new TypedAhead(options.terminal.input, () => {
      options.lease.noteInput();
      this.#keyPressed = true;
      this.#check();
    });
  }

  async run(): Promise<Buffer> {
    const { lease, shellPossible, clock, signal } = this.#options;
    const phases = lease.onPhaseChange(() => this.#check());
    const over = (): void => this.#done.resolve();
    signal.addEventListener('abort', over);
    shellPossible.then(() => {
      this.#possibleSince = clock.now();
      this.#check();
    }, over);
    this.#timer = clock.schedule(FIRST_LINE_AFTER, () => this.#draw());
    if (signal.aborted) over();
    try {
      await this.#done.promise;
    } finally {
      this.#timer[Symbol.dispose]();
      phases[Symbol.dispose]();
      signal.removeEventListener('abort', over);
    }
    if (!signal.aborted) this.#leave();
    return this.#typed.stop();
  }

  #check(): void {
    const { lease, clock } = this.#options;
    const cluster = lease.clusterPhase();
    if (this.#possibleSince === undefined) return;
    const waited = clock.now() - this.#possibleSince;
    if (this.#keyPressed || !clusterDelaysPrompt(cluster, waited, this.#sawClusterWork)) this.#done.resolve();
    else if (cluster.kind === 'working') this.#sawClusterWork = true;
  }

  #draw(): void {
    const { terminal, lease, clock, signal } = this.#options;
    if (signal.aborted) return;
    const status = {
      container: lease.containerPhase(),
      cluster: lease.clusterPhase(),
      promptPossible: this.#possibleSince !== undefined,
    };
    terminal.write(`\r${statusLine(status, clock.now(), this.#frame, terminal.columns())}\x1b[K`);
    this.#frame += 1;
    this.#timer = clock.schedule(REDRAW_EVERY, () => this.#draw());
    this.#check();
  }

  #leave(): void {
    const { terminal, lease, clock, adviceOn } = this.#options;
    if (this.#frame > 0) terminal.write('\r\x1b[K');
    if (this.#possibleSince === undefined) return;
    const cluster = lease.clusterPhase();
    if (cluster.kind === 'failed') {
      const retry = Math.max(1, Math.ceil((cluster.retryAt - clock.now()) / 1000));
      const again = Number.isFinite(retry) ? ` It is tried again in ${retry} s.` : '';
      terminal.write(`${sentenceWithId(cluster.error)}${again}${adviceOn(cluster.error)}\r\n`);
    } else if (this.#sawClusterWork && cluster.kind === 'working') {
      terminal.write('Your cluster is still being made ready; kubectl answers when it is.\r\n');
    }
  }
}
