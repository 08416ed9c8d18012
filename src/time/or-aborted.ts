/** `promise`, or the signal's reason as soon as it aborts or where it has; what is waited for goes on, for others. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return Promise.race([aborted.promise, promise]).finally(() => signal.removeEventListener('abort', onAbort));
}
