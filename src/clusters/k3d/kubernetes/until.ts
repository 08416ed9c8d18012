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
