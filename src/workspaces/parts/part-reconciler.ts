import { asFactoryError, FactoryError } from '../../errors/factory-error.ts';
import { logFailure } from '../../logging/log-failure.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { DesiredState } from '../desired-state.ts';
import type { Phase, WorkspaceAction } from '../workspace-access.ts';
import type { Observation, PartSnapshot } from '../workspace-snapshot.ts';
import { backOff } from './back-off.ts';
import type { PartDriver } from './part-driver.ts';
import { nextStep, type PartState } from './part-state.ts';

export interface PartReconcilerOptions {
  readonly driver: PartDriver;
  readonly desired: () => DesiredState;
  readonly onPhaseChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends every step; aborted when the factory closes. */
  readonly signal: AbortSignal;
}

/** Somebody who waits until the part is of use. */
interface Waiter {
  resolve(): void;
  reject(error: FactoryError): void;
}

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
  #removalAsked = false;
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

  /** Something may have changed: look again. While a failed step waits for its next try this does nothing. */
  wake(): void {
    if (this.#options.signal.aborted || this.#retry !== undefined) return;
    if (this.#pass !== undefined) {
      this.#wokenDuringPass = true;
      return;
    }
    this.#pass = this.#reconcile().finally(() => {
      this.#pass = undefined;
      if (!this.#wokenDuringPass) return;
      this.#wokenDuringPass = false;
      this.wake();
    });
  }

  /** As `wake`, and without waiting out the back-off: somebody new is there who wants it. */
  wakeNow(): void {
    this.#cancelRetry();
    this.#failures = 0;
    this.wake();
  }

  /** Removes the part at the next step; what is desired then makes it anew. */
  rebuild(): void {
    this.#removalAsked = true;
    this.#setPhase({
      kind: 'working',
      action: 'remove',
      step: 'rebuilding',
      since: this.#options.clock.now(),
      overdueAt: Number.POSITIVE_INFINITY,
    });
    this.wakeNow();
  }

  /** Resolves when the part is of use; rejects with the error of the next attempt that fails, or when `signal` aborts. */
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
    this.#rejectWaiters(asFactoryError(this.#options.signal.reason));
  }

  async #reconcile(): Promise<void> {
    try {
      // From any state the table leads to rest in at most four steps, and what is desired may change meanwhile.
      for (let step = 0; step < 12; step++) {
        if (!(await this.#takeStep())) return;
      }
      throw new FactoryError(
        'UNEXPECTED',
        'Your workspace keeps changing under our hands; it is tried again shortly.',
      );
    } catch (thrown) {
      this.#fail(asFactoryError(thrown));
    }
  }

  /** False: at rest. */
  async #takeStep(): Promise<boolean> {
    const { driver, signal } = this.#options;
    if (signal.aborted) return false;
    const observed = await driver.observe(signal);
    this.#remember(observed);
    const desired = this.#options.desired();
    const action = this.#removalAsked && observed !== 'absent' ? 'remove' : nextStep(desired, observed);
    if (this.#removalAsked && observed === 'absent') this.#removalAsked = false;
    if (action === undefined) {
      this.#rest(desired, observed === 'running');
      return false;
    }
    await this.#run(action);
    if (action === 'remove') this.#removalAsked = false;
    return true;
  }

  #remember(observed: PartState): void {
    const state = observed === 'unconnected' ? 'running' : observed;
    if (this.#observed?.state === state) return;
    const longer = this.#observed === undefined && state !== 'absent';
    this.#observed = { state, since: this.#options.clock.now(), longer };
  }

  async #run(action: WorkspaceAction): Promise<void> {
    const { driver, clock, logger, signal } = this.#options;
    const since = clock.now();
    const progress = (step: string) =>
      this.#setPhase({ kind: 'working', action, step, since, overdueAt: Number.POSITIVE_INFINITY });
    progress('');
    await driver.run(action, progress, signal);
    logger.info({ part: driver.name, action, ms: clock.now() - since }, 'step done');
  }

  #rest(desired: DesiredState, running: boolean): void {
    const inUse = desired === 'awake' || desired === 'as-is';
    this.#failures = 0;
    if (inUse && running) {
      this.#setPhase({ kind: 'ready' });
      for (const waiter of [...this.#waiters]) waiter.resolve();
      return;
    }
    this.#setPhase({ kind: 'asleep' });
    // Who waits holds a lease or works for somebody who did; at rest and asleep means that nobody is left to wait for.
    this.#rejectWaiters(new FactoryError('WORKSPACE_ASLEEP', 'Your workspace went to sleep; connect again.'));
  }

  #fail(error: FactoryError): void {
    const { driver, clock, logger, signal } = this.#options;
    if (signal.aborted) {
      this.#rejectWaiters(error);
      return;
    }
    this.#failures += 1;
    const delay = backOff(this.#failures, Math.random());
    logFailure(logger, error, { part: driver.name, retryInMs: delay });
    this.#retry = clock.schedule(delay, () => {
      this.#retry = undefined;
      this.wake();
    });
    this.#setPhase({ kind: 'failed', error, retryAt: clock.now() + delay });
    this.#rejectWaiters(error);
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
