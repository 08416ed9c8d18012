/** Time as a controller sees it; tests hand in one that they move. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once after `delay` ms, unless the returned handle is disposed before. */
  schedule(delay: number, callback: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delay, callback) {
    // setTimeout fires at once for delays beyond 2^31-1 ms; a level-triggered caller just wakes early and waits on.
    const timer = setTimeout(callback, Math.min(delay, 2 ** 31 - 1));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
