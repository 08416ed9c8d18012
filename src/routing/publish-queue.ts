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
      await unlessAborted(mine, signal);
    },
  };
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
