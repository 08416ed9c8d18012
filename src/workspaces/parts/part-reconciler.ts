import { asFactoryError, FactoryError } from '../../errors/factory-error.ts';
import { logFailure } from '../../logging/log-failure.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { Cause, PartName, WorkspaceEvent } from '../ports/events.ts';
import type { Phase, WorkspaceAction } from '../workspace-access.ts';
import type { Observation, PartSnapshot } from '../workspace-snapshot.ts';
import { backOff } from './back-off.ts';
import type { PartDriver } from './part-driver.ts';
import { nextStep, type PartState, type PartTarget, resetStep, TRANSITIONS } from './part-state.ts';
import { withinLimit } from './step-deadline.ts';

/** Where a part should be, and who or what wants it so. */
export interface PartDesire {
  readonly target: PartTarget;
  readonly cause: Cause;
}

type Told<Kind extends WorkspaceEvent['kind']> = Omit<
  Extract<WorkspaceEvent, { kind: Kind }>,
  'at' | 'key' | 'part'
>;

/** What a part does and meets, for the events of its workspace. */
export type PartNews =
  | Told<'step_done'>
  | Told<'found'>
  | (Omit<Told<'step_failed'>, 'error'> & { readonly error: FactoryError });

export interface PartReconcilerOptions {
  readonly driver: PartDriver;
  readonly desired: () => PartDesire;
  /** What those are told who wait for a part that is at rest and not awake. */
  readonly whyAsleep: () => FactoryError;
  readonly onPhaseChange: () => void;
  readonly onNews: (part: PartName, news: PartNews) => void;
  readonly clock: Clock;
  /** In [0, 1), for the jitter of tries. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Ends every step; aborted when the factory closes. */
  readonly signal: AbortSignal;
}

/** Somebody who waits until the part is of use. */
interface Waiter {
  resolve(): void;
  reject(error: FactoryError): void;
}

/** Something that is done to a part that runs, between its steps. It leaves the part in the state that it has. */
export interface Job {
  /** For the log: "stop agent-0". */
  readonly what: string;
  run(signal: AbortSignal): Promise<void>;
  /** Who wants it no longer. */
  readonly signal: AbortSignal;
}

interface WaitingJob {
  readonly job: Job;
  resolve(): void;
  reject(error: FactoryError): void;
}

/** A step that is under way, or has just been taken and is still to be looked at. */
interface Step {
  readonly action: WorkspaceAction;
  readonly from: PartState;
  readonly cause: Cause;
  readonly since: number;
}

/** How long a job may take, ms. */
const JOB_LIMIT = 5 * 60_000;
/** How long a look at a part may take, ms. */
const LOOK_LIMIT = 60_000;
/** From any state the table leads to rest in at most four steps, and what is desired may change meanwhile. */
const MOST_STEPS = 12;

/**
 * Brings one part of a workspace to where it should be, and keeps it there. Level-triggered: each pass looks at what is there,
 * takes one step and looks again; a wake-up during a step leads to one more pass. One step at a time, so a session that
 * comes during a suspend waits for that step and then resumes.
 */
export class PartReconciler {
  readonly #options: PartReconcilerOptions;
  #phase: Phase = { kind: 'asleep' };
  #observed: Observation | undefined;
  #waiters = new Set<Waiter>();
  #pass: Promise<void> | undefined;
  #wokenDuringPass = false;
  /** Why the part is to be made anew. */
  #resetAsked: Cause | undefined;
  readonly #jobs = new Set<WaitingJob>();
  #step: Step | undefined;
  #failures = 0;
  #retry: Disposable | undefined;

  constructor(options: PartReconcilerOptions) {
    this.#options = options;
  }

  get phase(): Phase {
    return this.#phase;
  }

  snapshot(): PartSnapshot {
    return { observed: this.#observed, phase: this.#phase };
  }

  /** At rest, and where it should be. */
  get settledDown(): boolean {
    if (this.#observed === undefined || this.#resetAsked !== undefined) return false;
    if (this.#pass !== undefined || this.#retry !== undefined || this.#jobs.size > 0) return false;
    return this.#phase.kind === 'ready' || this.#phase.kind === 'asleep';
  }

  /** Something may have changed: look again. While a failed step waits for its next try this does nothing. */
  wake(): void {
    if (this.#options.signal.aborted || this.#retry !== undefined) return;
    if (this.#pass !== undefined) {
      this.#wokenDuringPass = true;
      return;
    }
    this.#pass = this.#reconcile().finally(() => {
      this.#pass = undefined;
      if (this.#wokenDuringPass) {
        this.#wokenDuringPass = false;
        this.wake();
      } else {
        this.#options.onPhaseChange();
      }
    });
  }

  /** As `wake`, and without waiting out the back-off: somebody new is there who wants it. */
  wakeNow(): void {
    this.#cancelRetry();
    this.#failures = 0;
    this.wake();
  }

  /** Takes the part away at the next step; what is desired then makes it anew. */
  reset(cause: Cause): void {
    this.#resetAsked = cause;
    // Whoever asks next waits for the new one.
    this.#setPhase(this.#working('reset', 'making it anew', this.#options.clock.now()));
    this.wakeNow();
  }

  /**
   * Runs a job when no step is under way; no step begins until it has ended. Rejects with `CLUSTER_NOT_READY` where the part does
   * not run then, and as the job does; that is no failure of the part.
   */
  perform(job: Job): Promise<void> {
    const { signal } = this.#options;
    if (signal.aborted) return Promise.reject(asFactoryError(signal.reason));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#jobs.add({ job, resolve, reject });
    this.wakeNow();
    return promise;
  }

  /** Resolves when the part is of use; rejects with the error of the next attempt to bring it there that fails, or when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void> {
    if (this.#phase.kind === 'ready') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', onAbort);
        end();
      };
      const waiter: Waiter = {
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      };
      const onAbort = () => settle(() => reject(asFactoryError(signal.reason)));
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.wake();
    });
  }

  /** Resolves when no step is under way. The owner aborts `options.signal` first if it must be soon. */
  async settled(): Promise<void> {
    this.#cancelRetry();
    await this.#pass;
    const over = asFactoryError(this.#options.signal.reason);
    this.#rejectWaiters(over);
    this.#rejectJobs(over);
  }

  async #reconcile(): Promise<void> {
    try {
      let observed = await this.#look();
      this.#remember(observed);
      if (this.#jobs.size > 0) observed = await this.#runJobs();
      for (let taken = 0; taken < MOST_STEPS; taken++) {
        const step = this.#chooseStep(observed);
        if (step === undefined) return;
        observed = await this.#run(step);
      }
      throw new FactoryError(
        'UNEXPECTED',
        'Your workspace keeps changing under our hands; it is tried again shortly.',
      );
    } catch (thrown) {
      this.#fail(asFactoryError(thrown));
    }
  }

  /** Undefined: the part is at rest, or the factory closes. */
  #chooseStep(observed: PartState): Step | undefined {
    const { desired, clock, signal } = this.#options;
    signal.throwIfAborted();
    const since = clock.now();
    if (this.#resetAsked !== undefined) {
      const action = resetStep(observed);
      if (action !== undefined) return { action, from: observed, cause: this.#resetAsked, since };
      this.#resetAsked = undefined;
    }
    const { target, cause } = desired();
    const action = nextStep(target, observed);
    if (action !== undefined) return { action, from: observed, cause, since };
    this.#rest(target, observed === 'running');
    return undefined;
  }

  /** Resolves with what is there then. */
  async #runJobs(): Promise<PartState> {
    for (const waiting of [...this.#jobs]) {
      this.#jobs.delete(waiting);
      await this.#runJob(waiting.job).then(waiting.resolve, (thrown: unknown) =>
        waiting.reject(asFactoryError(thrown)),
      );
    }
    const observed = await this.#look();
    this.#remember(observed);
    return observed;
  }

  async #runJob({ what, run, signal: wanted }: Job): Promise<void> {
    const { driver, clock, signal } = this.#options;
    wanted.throwIfAborted();
    const state = this.#observed?.state;
    if (state !== 'running') {
      const message = `The ${driver.name} does not run (it is ${state ?? 'unknown'}), so that cannot be done to it.`;
      throw new FactoryError('CLUSTER_NOT_READY', message);
    }
    const either = AbortSignal.any([signal, wanted]);
    await withinLimit({ clock, limit: JOB_LIMIT, signal: either, what }, run);
  }

  async #look(): Promise<PartState> {
    const { driver, clock, signal } = this.#options;
    const what = `look at the ${driver.name}`;
    return await withinLimit({ clock, limit: LOOK_LIMIT, signal, what }, (bounded) =>
      driver.observe(bounded),
    );
  }

  /** Resolves with what is there then. */
  async #run(step: Step): Promise<PartState> {
    const { driver, clock, signal } = this.#options;
    const { action, since } = step;
    this.#step = step;
    const progress = (text: string) => this.#setPhase(this.#working(action, text, since));
    progress('');
    const limit = driver.limit(action);
    const what = `${action} the ${driver.name}`;
    const stillWanted = () => this.#isWanted(step);
    const outcome = await withinLimit({ clock, limit, signal, what }, (bounded) =>
      driver.run(action, { progress, stillWanted, signal: bounded }),
    );
    const observed = await this.#look();
    if (outcome === 'called_off') {
      this.#step = undefined;
      return observed;
    }
    this.#checkStep(step, observed);
    this.#step = undefined;
    if (resetStep(step.from) === action) this.#resetAsked = undefined;
    this.#failures = 0;
    this.#rememberStep(step, observed);
    return observed;
  }

  /** Whether the step would be chosen now as well. */
  #isWanted({ action, from }: Step): boolean {
    if (this.#resetAsked !== undefined) return resetStep(from) === action;
    return nextStep(this.#options.desired().target, from) === action;
  }

  /** What ended well must be seen: an answer that something is done can be wrong, and somebody else can have undone it. */
  #checkStep({ action }: Step, observed: PartState): void {
    if (TRANSITIONS[action].to.includes(observed)) return;
    throw new FactoryError(
      'STEP_UNDONE',
      `The ${this.#options.driver.name} is not as it was just made (${observed} after ${action}); it is tried again.`,
    );
  }

  #rememberStep({ action, from, cause, since }: Step, observed: PartState): void {
    const { driver, clock, onNews } = this.#options;
    this.#setObserved(observed);
    const ms = clock.now() - since;
    onNews(driver.name, { kind: 'step_done', action, from, to: observed, ms, cause });
  }

  /** What is there although no step of ours led to it. */
  #remember(observed: PartState): void {
    const from = this.#observed?.state;
    const changed = this.#setObserved(observed);
    const isNews = changed && !(from === undefined && observed === 'absent');
    if (isNews)
      this.#options.onNews(this.#options.driver.name, {
        kind: 'found',
        from,
        to: this.#observed?.state ?? observed,
      });
  }

  /** False: it is as it was. For the world a part that is not connected yet runs. */
  #setObserved(observed: PartState): boolean {
    const state = observed === 'unconnected' ? 'running' : observed;
    if (this.#observed?.state === state) return false;
    const longer = this.#observed === undefined && state !== 'absent';
    this.#observed = { state, since: this.#options.clock.now(), longer };
    return true;
  }

  #rest(target: PartTarget, running: boolean): void {
    const inUse = target === 'awake' || target === 'as-is';
    this.#failures = 0;
    if (inUse && running) {
      this.#setPhase({ kind: 'ready' });
      for (const waiter of [...this.#waiters]) waiter.resolve();
      return;
    }
    this.#setPhase({ kind: 'asleep' });
    // At rest it stays so: there is nothing to wait for.
    this.#rejectWaiters(this.#options.whyAsleep());
  }

  #fail(error: FactoryError): void {
    const { driver, clock, random, logger, signal } = this.#options;
    this.#rejectJobs(error);
    if (signal.aborted) {
      this.#rejectWaiters(error);
      return;
    }
    const isWanted = this.#step === undefined || this.#isWanted(this.#step);
    this.#failures += 1;
    const delay = backOff(this.#failures, random());
    const retryAt = clock.now() + delay;
    logFailure(logger, error, { part: driver.name, action: this.#step?.action, retryInMs: delay });
    this.#retry = clock.schedule(delay, () => {
      this.#retry = undefined;
      this.wake();
    });
    this.#reportFailure(error, retryAt);
    this.#setPhase({ kind: 'failed', error, retryAt });
    // Who came meanwhile wants something else, and gets it by the next try.
    if (isWanted) this.#rejectWaiters(error);
  }

  #reportFailure(error: FactoryError, retryAt: number): void {
    const step = this.#step;
    this.#step = undefined;
    if (step === undefined) return;
    const { driver, clock, onNews } = this.#options;
    const { action, cause, since } = step;
    const ms = clock.now() - since;
    onNews(driver.name, {
      kind: 'step_failed',
      action,
      from: step.from,
      ms,
      cause,
      error,
      retryAt,
    });
  }

  #working(action: WorkspaceAction, step: string, since: number): Phase {
    return { kind: 'working', action, step, since, overdueAt: since + this.#options.driver.limit(action) };
  }

  #rejectJobs(error: FactoryError): void {
    for (const { reject } of this.#jobs) reject(error);
    this.#jobs.clear();
  }

  #rejectWaiters(error: FactoryError): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }

  #cancelRetry(): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = undefined;
  }

  #setPhase(phase: Phase): void {
    this.#phase = phase;
    this.#options.onPhaseChange();
  }
}
