import { createHash } from 'node:crypto';
import { asFactoryError, FactoryError } from '../errors/factory-error.ts';
import { type Clock, systemClock } from '../time/clock.ts';

/** How an operation ended. */
export type Outcome =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: FactoryError };

export interface RunRequest {
  /** The asker's, new for each operation: who asks again with it means the same one. */
  readonly id: string;
  /** What exactly is asked for; one id has one. */
  readonly what: string;
  /** Operations of one lane never overlap: the workspace and the part. Undefined: it is in nobody's way. */
  readonly lane: string | undefined;
  readonly work: (progress: (step: string) => void, signal: AbortSignal) => Promise<unknown>;
}

export interface RunLimits {
  /** So long an operation goes on to which nobody listens; ms. */
  readonly orphaned: number;
  /** So long the outcome of one that has ended is kept; ms. */
  readonly kept: number;
  /** So many outcomes are kept; the oldest go first. */
  readonly mostKept: number;
  /** So many operations may be under way. */
  readonly mostRunning: number;
}

export const RUN_LIMITS: RunLimits = { orphaned: 15_000, kept: 60_000, mostKept: 1_000, mostRunning: 1_000 };

/**
 * The operations that are under way, and the outcomes of those that ended just now. A connection may break and the operation
 * goes on: who asks again with its id joins it, or is told how it ended. One that nobody listens to is ended before long, and at
 * once where the next one of its lane begins.
 */
export class OperationRuns {
  readonly #limits: RunLimits;
  readonly #clock: Clock;
  readonly #running = new Map<string, Run>();
  readonly #ended = new Map<string, { readonly run: Run; readonly expiry: Disposable }>();
  /** The last one that was begun in each lane, while it runs. */
  readonly #lanes = new Map<string, Run>();
  #closed = false;

  constructor(limits: RunLimits = RUN_LIMITS, clock: Clock = systemClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /**
   * Begins the operation, or joins the one of this id. Throws `REQUEST_INVALID` where the id has another, and
   * `CLUSTER_SERVICE_UNREACHABLE` where too many are under way or the service ends.
   */
  ask(request: RunRequest): Run {
    const { id, what, lane } = request;
    const known = this.#running.get(id) ?? this.#ended.get(id)?.run;
    if (known !== undefined) {
      if (known.is(what)) return known;
      throw new FactoryError('REQUEST_INVALID', 'The Idempotency-Key belongs to another operation.');
    }
    if (this.#closed || this.#running.size >= this.#limits.mostRunning) throw busy();
    const before = lane === undefined ? undefined : this.#lanes.get(lane);
    if (before?.isOrphaned) before.abort();
    const run = new Run(request, before?.outcome, { orphaned: this.#limits.orphaned, clock: this.#clock });
    this.#running.set(id, run);
    if (lane !== undefined) this.#lanes.set(lane, run);
    void run.outcome.then(() => this.#retire(id, lane, run));
    return run;
  }

  /** Ends the operation where it is still under way. */
  abort(id: string): void {
    this.#running.get(id)?.abort();
  }

  /** Ends all of them; resolves when they have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#running.values()];
    for (const run of running) run.abort();
    await Promise.all(running.map(({ outcome }) => outcome));
    for (const { expiry } of this.#ended.values()) expiry[Symbol.dispose]();
    this.#ended.clear();
  }

  #retire(id: string, lane: string | undefined, run: Run): void {
    this.#running.delete(id);
    if (lane !== undefined && this.#lanes.get(lane) === run) this.#lanes.delete(lane);
    if (this.#closed) return;
    const expiry = this.#clock.schedule(this.#limits.kept, () => this.#ended.delete(id));
    this.#ended.set(id, { run, expiry });
    const [oldest] = this.#ended;
    if (oldest === undefined || this.#ended.size <= this.#limits.mostKept) return;
    oldest[1].expiry[Symbol.dispose]();
    this.#ended.delete(oldest[0]);
  }
}

/** One operation. */
export class Run {
  readonly outcome: Promise<Outcome>;
  /** Of what is asked for, which may be megabytes; it is kept as long as the outcome. */
  readonly #digest: string;
  readonly #orphaned: number;
  readonly #clock: Clock;
  readonly #listeners = new Set<(step: string) => void>();
  readonly #aborter = new AbortController();
  #step: string | undefined;
  #isOver = false;
  #orphan: Disposable | undefined;

  /** `before`: what has to be over first. */
  constructor(
    { what, work }: RunRequest,
    before: Promise<unknown> | undefined,
    { orphaned, clock }: { readonly orphaned: number; readonly clock: Clock },
  ) {
    this.#digest = digestOf(what);
    this.#orphaned = orphaned;
    this.#clock = clock;
    this.outcome = this.#run(work, before);
    this.#watchOrphan();
  }

  get isOrphaned(): boolean {
    return this.#listeners.size === 0;
  }

  /** Whether it is exactly what is asked for. */
  is(what: string): boolean {
    return digestOf(what) === this.#digest;
  }

  /** `listener` hears what is done now and from here on, until the handle is disposed. */
  listen(listener: (step: string) => void): Disposable {
    this.#listeners.add(listener);
    this.#orphan?.[Symbol.dispose]();
    if (this.#step !== undefined) listener(this.#step);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        this.#watchOrphan();
      },
    };
  }

  abort(): void {
    this.#aborter.abort(new FactoryError('INTERRUPTED', 'Nobody waits for this any more.'));
  }

  async #run(work: RunRequest['work'], before: Promise<unknown> | undefined): Promise<Outcome> {
    const { signal } = this.#aborter;
    try {
      await before;
      signal.throwIfAborted();
      return { kind: 'done', result: await work((step) => this.#tell(step), signal) };
    } catch (thrown) {
      return { kind: 'failed', error: asFactoryError(signal.aborted ? signal.reason : thrown) };
    } finally {
      this.#isOver = true;
      this.#orphan?.[Symbol.dispose]();
    }
  }

  #tell(step: string): void {
    this.#step = step;
    for (const listener of this.#listeners) listener(step);
  }

  #watchOrphan(): void {
    if (!this.isOrphaned || this.#isOver) return;
    this.#orphan?.[Symbol.dispose]();
    this.#orphan = this.#clock.schedule(this.#orphaned, () => this.abort());
  }
}

function digestOf(what: string): string {
  return createHash('sha256').update(what).digest('base64');
}

function busy(): FactoryError {
  return new FactoryError(
    'CLUSTER_SERVICE_UNREACHABLE',
    'The cluster service ends, or has too much to do; it is asked again before long.',
  );
}
