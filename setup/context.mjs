// @ts-check
import { createPrograms } from './programs.mjs';
import { describeError, SetupError } from './setup-error.mjs';
import { createSteps } from './steps.mjs';
import { createStopSignals } from './stop-signals.mjs';

/**
 * What every part of set-up is handed. Until somebody else takes the stop signals over, one ends what runs and the
 * second ends it hard; what was made until then is kept.
 */
export function createContext() {
  const steps = createSteps(process.stderr);
  const programs = createPrograms({ ...process.env });
  const stopSignals = createStopSignals(process);
  let stopped = false;
  stopSignals.handle((signal, count) => {
    stopped = true;
    steps.say(`${signal}: stopping; what was made is kept, and the next run goes on from there`);
    programs.endAll(count === 1 ? 'SIGTERM' : 'SIGKILL');
    // A step that waits for no program, or for one that does not listen.
    setTimeout(() => process.exit(130), count === 1 ? 10_000 : 500).unref();
  });

  /**
   * @param {unknown} error
   * @returns {number} the exit code
   */
  function report(error) {
    if (stopped) return 130;
    process.stderr.write(`\n${describeError(error)}\n`);
    return error instanceof SetupError ? error.exitCode : 1;
  }

  return { steps, programs, stopSignals, report };
}
