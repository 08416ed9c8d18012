import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { Logger } from '../../../logging/logger.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** ms */
const FIRST_WAIT = 10;
const LONGEST_WAIT = 320;
/** A process on a busy machine takes its time to start; ms. */
const PATIENCE = 30_000;

export interface ExecTerminal {
  readonly engine: DockerEngine;
  readonly exec: Docker.Exec;
  readonly logger: Logger;
  /** How long a size that the engine refuses is tried; ms. */
  readonly patience?: number;
}

/** The size of the terminal of one command: one request after the other, so the last size that was wanted is the one that stays. */
export class ExecTerminalSize {
  readonly #terminal: ExecTerminal;
  #wanted: TerminalSize | undefined;
  #underWay: Promise<void> | undefined;

  constructor(terminal: ExecTerminal) {
    this.#terminal = terminal;
  }

  /** Resolves when the terminal has the size, or the command has ended, or it was tried for so long that it is given up. */
  set(size: TerminalSize): Promise<void> {
    this.#wanted = size;
    this.#underWay ??= this.#apply();
    return this.#underWay;
  }

  async #apply(): Promise<void> {
    const { logger, patience = PATIENCE } = this.#terminal;
    const signal = AbortSignal.timeout(patience);
    try {
      for (let wait = FIRST_WAIT; this.#wanted !== undefined; wait = Math.min(2 * wait, LONGEST_WAIT)) {
        if (!(await this.#try(this.#wanted, signal))) await delay(wait, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      logger.warn(
        { err: error, ...this.#wanted },
        'a terminal keeps its old size: the engine refuses this one',
      );
    } finally {
      this.#underWay = undefined;
    }
  }

  /** Whether there is nothing left to try. The engine refuses while the process is being started, which is after the connection is there. */
  async #try(size: TerminalSize, signal: AbortSignal): Promise<boolean> {
    const isDone = (await this.#resize(size, signal)) || (await this.#hasEnded(signal));
    if (isDone && this.#wanted === size) this.#wanted = undefined;
    return isDone;
  }

  async #resize({ columns, rows }: TerminalSize, signal: AbortSignal): Promise<boolean> {
    const { engine, exec } = this.#terminal;
    const done = await engine.callUnless([404, 409, 500], {
      what: 'resize the terminal',
      signal,
      request: async (_, abortSignal) => {
        await exec.resize({ h: rows, w: columns, abortSignal });
        return true;
      },
    });
    return done ?? false;
  }

  async #hasEnded(signal: AbortSignal): Promise<boolean> {
    const { engine, exec } = this.#terminal;
    const { Running, ExitCode } = await engine.call({
      what: 'look at a command in the container',
      signal,
      request: (_, abortSignal) => exec.inspect({ abortSignal }),
    });
    return !Running && ExitCode !== null;
  }
}
