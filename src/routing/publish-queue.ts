import { orAborted } from '../time/or-aborted.ts';

/** Runs one publication at a time; callers that come while one runs share the next. */
export interface PublishQueue {
  /** Resolves or rejects with the first publication that began after this call; rejects when `signal` aborts. */
  publish(signal: AbortSignal): Promise<void>;
}

export function createPublishQueue(publishNow: () => Promise<void>): PublishQueue {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return {
    async publish(signal) {
      signal.throwIfAborted();
      next ??= last.then(() => {
        next = undefined;
        return publishNow();
      });
      const mine = next;
      last = mine.catch(() => undefined);
      await orAborted(mine, signal);
    },
  };
}
