import type { Clock } from '../time/clock.ts';
import type { EventStore } from './event-store.ts';
import type { RareWarning } from './rare-warning.ts';
import type { StoredRecords } from './workspace-records.ts';

/** ms */
const HOUR = 3_600_000;
/** Between two parts of what is too much to be thrown away at once: everything else gets its turn; ms. */
const BREATH = 1_000;

export interface UpkeepOptions {
  readonly store: EventStore;
  readonly records: StoredRecords;
  readonly clock: Clock;
  readonly warning: RareWarning;
}

/** Throws away what is too old now and every hour, and tries again what could not be written, until the handle is disposed. */
export function startUpkeep({ store, records, clock, warning }: UpkeepOptions): Disposable {
  let timer: Disposable;
  const work = () => {
    records.flush();
    let isDone = true;
    try {
      isDone = store.prune(clock.now());
    } catch (error) {
      warning.warn(error, 'old events can not be thrown away');
    }
    timer = clock.schedule(isDone ? HOUR : BREATH, work);
  };
  work();
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
