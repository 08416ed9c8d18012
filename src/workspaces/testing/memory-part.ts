import { FactoryError } from '../../errors/factory-error.ts';
import type { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { TRANSITIONS } from '../parts/part-state.ts';
import type { WorkspaceAction } from '../workspace-access.ts';

export type MemoryState = 'absent' | 'incomplete' | 'stopped' | 'running' | 'suspended';
export type MemoryStep = Exclude<WorkspaceAction, 'connect'>;

/** What can go wrong with the next step. `lies`: it says that it is done, and nothing is. */
export type Fault = 'fails' | 'hangs' | 'is slow' | 'lies' | 'fails when done';

/** Latencies of steps, ms: of the order that the real parts showed. */
const TAKES: Readonly<Record<MemoryStep, number>> = {
  create: 8_000,
  start: 4_000,
  resume: 120,
  suspend: 40,
  stop: 400,
  remove: 900,
  reset: 900,
};
const SLOWNESS = 25;
const JOB_TAKES = 2_000;

const LEADS_TO: Readonly<Record<MemoryStep, MemoryState>> = {
  create: 'running',
  start: 'running',
  resume: 'running',
  suspend: 'suspended',
  stop: 'stopped',
  remove: 'absent',
  reset: 'absent',
};

/** One part in memory: it has a state, takes its time, has faults, and tells of each step as it begins. */
export class MemoryPart {
  readonly name: 'container' | 'cluster';
  state: MemoryState = 'absent';
  faults: Fault[] = [];
  /** A cluster of several servers cannot be paused. */
  pauses = true;
  /** Whether what an abort cuts short is done all the same, as with a request that Docker has already. */
  finishesAborted = false;
  readonly violations: string[] = [];
  /** Steps that did what they should, in order. */
  readonly done: MemoryStep[] = [];
  readonly #clock: VirtualClock;
  readonly #onStep: (part: MemoryPart, step: MemoryStep) => void;
  #busy: string | undefined;

  constructor(
    name: MemoryPart['name'],
    clock: VirtualClock,
    onStep: (part: MemoryPart, step: MemoryStep) => void,
  ) {
    this.name = name;
    this.#clock = clock;
    this.#onStep = onStep;
  }

  async step(step: MemoryStep, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#busy !== undefined) this.violations.push(`${this.name}: ${step} during ${this.#busy}`);
    if (step === 'create' && this.state !== 'absent')
      this.violations.push(`a second ${this.name} was made beside one that is ${this.state}`);
    this.#busy = step;
    this.#onStep(this, step);
    try {
      await this.#take(step, this.faults.shift(), signal);
    } finally {
      this.#busy = undefined;
    }
  }

  /** Something that is done to it while it runs, and no step. */
  async job(what: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#busy !== undefined) this.violations.push(`${this.name}: ${what} during ${this.#busy}`);
    this.#busy = what;
    try {
      if (!(await this.#wait(JOB_TAKES, signal))) throw signal.reason;
    } finally {
      this.#busy = undefined;
    }
  }

  async #take(step: MemoryStep, fault: Fault | undefined, signal: AbortSignal): Promise<void> {
    if (step === 'create' && this.name === 'cluster') this.state = 'incomplete';
    const takes = TAKES[step] * (fault === 'is slow' ? SLOWNESS : 1);
    const inTime = await this.#wait(fault === 'hangs' ? undefined : takes, signal);
    const to = step === 'suspend' && !this.pauses ? 'stopped' : LEADS_TO[step];
    if (!inTime) {
      if (this.finishesAborted) this.state = to;
      throw signal.reason;
    }
    if (fault === 'fails') throw new FactoryError('DOCKER_FAILED', `${step} failed`);
    // A lie that somebody else has made true is none.
    if (fault === 'lies' && !TRANSITIONS[step].to.some((state) => state === this.state)) return;
    if (fault !== 'lies') this.state = to;
    if (fault === 'fails when done') throw new FactoryError('DOCKER_UNAVAILABLE', `no answer to ${step}`);
    this.done.push(step);
  }

  /** False: `signal` aborted first. `ms` undefined: it will. */
  #wait(ms: number | undefined, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : this.#clock.schedule(ms, () => end(true));
      const aborted = () => end(false);
      const end = (inTime: boolean) => {
        timer?.[Symbol.dispose]();
        signal.removeEventListener('abort', aborted);
        resolve(inTime);
      };
      signal.addEventListener('abort', aborted);
    });
  }
}
