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
  /** Puts the file in order, beside everything else. */
  readonly checkpoint: () => Promise<void>;
  readonly clock: Clock;
  readonly warning: RareWarning;
}

/**
 * Throws away what is too old, tries again what could not be written, and puts the file in order: now and every hour, until the
 * handle is disposed.
 */
export function startUpkeep(options: UpkeepOptions): AsyncDisposable {
  const { store, records, checkpoint, clock, warning } = options;
  let timer: Disposable;
  let checkpointing = Promise.resolve();
  const prune = () => {
    try {
      return store.prune(clock.now());
    } catch (error) {
      warning.warn(error, 'old events can not be thrown away');
      return true;
    }
  };
  const work = () => {
    records.flush();
    const isDone = prune();
    if (isDone) {
      checkpointing = checkpointing
        .then(checkpoint)
        .catch((error: unknown) => warning.warn(error, 'the history can not be put in order'));
    }
    timer = clock.schedule(isDone ? HOUR : BREATH, work);
  };
  work();
  return {
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await checkpointing;
    },
  };
}
