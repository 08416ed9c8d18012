import { FactoryError } from '../../errors/factory-error.ts';
import type { Clock } from '../../time/clock.ts';
import { inWords } from '../../words/time-span.ts';

/**
 * Calls `action` with a signal that aborts when `signal` does or when `limit` ms are over; rejects with `OVERDUE` in the latter
 * case, once `action` has ended: two steps never overlap.
 */
export async function withinLimit<Result>(
  options: {
    readonly clock: Clock;
    readonly limit: number;
    readonly signal: AbortSignal;
    readonly what: string;
  },
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { clock, limit, signal, what } = options;
  const overdue = new AbortController();
  using _timer = clock.schedule(limit, () =>
    overdue.abort(
      new FactoryError(
        'OVERDUE',
        `It took more than ${inWords(limit)} to ${what}, so that was given up. It is tried again.`,
      ),
    ),
  );
  try {
    return await action(AbortSignal.any([signal, overdue.signal]));
  } catch (thrown) {
    signal.throwIfAborted();
    overdue.signal.throwIfAborted();
    throw thrown;
  }
}
