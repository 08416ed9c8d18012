// @ts-check
import { formatDuration } from './duration.mjs';

/** Without a terminal a long step says this often that it still runs; ms. */
const HEARTBEAT = 60_000;
/** Without a terminal a step shorter than this is one line, not two; ms. */
const QUICK = 1_000;

/**
 * @typedef {{ note(text: string): void }} Step `note` says what the step is doing at the moment
 * @typedef {ReturnType<typeof createSteps>} Steps
 */

/**
 * Shows each step of set-up as a line: what it does, then what came of it and how long it took. On a terminal the
 * line ticks; elsewhere long steps say now and then that they still run.
 * @param {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} stream
 */
export function createSteps(stream) {
  const terminal = Boolean(stream.isTTY);
  const line = (/** @type {string} */ text) => stream.write(`${terminal ? '\r\x1b[K' : ''}${text}\n`);

  /**
   * @template T
   * @param {string} title
   * @param {(step: Step) => Promise<T>} work
   * @param {{ estimate?: number, outcome?: (value: T) => string }} [options] estimate in ms
   * @returns {Promise<T>}
   */
  async function run(title, work, options = {}) {
    const started = Date.now();
    const elapsed = () => Date.now() - started;
    const about = options.estimate ? ` (about ${formatDuration(options.estimate)})` : '';
    let note = '';
    let announced = false;
    const announce = () => {
      announced = true;
      line(`   ${title}${about}${note && `: ${note}`}`);
    };
    const tick = () => {
      if (!terminal)
        return announced
          ? line(`   ${title}: still at it after ${formatDuration(elapsed())}${note && `, ${note}`}`)
          : announce();
      const text = `.. ${title}${about}${note && `: ${note}`}  ${formatDuration(elapsed())}`;
      stream.write(`\r\x1b[K${text.slice(0, (stream.columns || 80) - 1)}`);
    };
    if (!terminal && options.estimate) announce();
    const first = setTimeout(() => (terminal ? tick() : announced || announce()), terminal ? 100 : QUICK);
    const timer = setInterval(tick, terminal ? 1_000 : HEARTBEAT);
    const step = {
      note(/** @type {string} */ text) {
        if (text === note) return;
        note = text;
        if (terminal) tick();
        else if (announced) line(`   ${title}: ${text}`);
        else announce();
      },
    };
    try {
      const value = await work(step);
      const outcome = options.outcome?.(value);
      line(`ok ${title}${outcome ? `: ${outcome}` : ''}  (${formatDuration(elapsed())})`);
      return value;
    } catch (error) {
      line(`!! ${title}: failed after ${formatDuration(elapsed())}`);
      throw error;
    } finally {
      clearTimeout(first);
      clearInterval(timer);
    }
  }

  return { run, say: (/** @type {string} */ text) => line(`   ${text}`) };
}
