import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL = 150;

/** Asks until it is so. Rejects with the signal's reason: whoever calls sets the limit. */
export async function until(condition: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await condition()) return;
    await delay(INTERVAL, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Whether `work` is done within `limit`, ms. Rejects with the reason of `signal`, and with what ends the work before its time is over.
 */
export async function isDoneWithin(
  limit: number,
  signal: AbortSignal,
  work: (bounded: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const late = AbortSignal.timeout(limit);
  try {
    await work(AbortSignal.any([signal, late]));
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    return false;
  }
}
