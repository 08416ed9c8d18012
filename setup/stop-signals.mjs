// @ts-check

/** ^C reaches us from the terminal and again from npm, which forwards it: that is one wish, not two; ms. */
const ONE_WISH = 500;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * @typedef {(signal: NodeJS.Signals, count: number) => void} StopHandler `count` from 1
 */

/**
 * Tells who is in charge at the moment that somebody wants us to stop.
 * @param {Pick<NodeJS.Process, 'on'>} source
 * @param {() => number} [now] ms
 */
export function createStopSignals(source, now = Date.now) {
  /** @type {StopHandler} */
  let handler = () => undefined;
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const signal of SIGNALS) {
    source.on(signal, () => {
      const at = now();
      if (at - last < ONE_WISH) return;
      last = at;
      count += 1;
      handler(signal, count);
    });
  }
  return {
    /** @param {StopHandler} next */
    handle(next) {
      handler = next;
    },
  };
}
