import type { Clock } from './clock.ts';

/** Resolves after `delay` ms, or at once when `signal` aborts. */
export async function wait(delay: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  signal.addEventListener('abort', stop, { once: true });
  using _timer = clock.schedule(delay, stop);
  await promise;
  signal.removeEventListener('abort', stop);
}
