// @ts-check

/**
 * What one run of vitest left.
 * @typedef {object} VitestRun
 * @property {number} code
 * @property {unknown} report its JSON report; undefined where there is none
 * @property {readonly string[]} failures a line each, of FailureReporter
 *
 * @typedef {{ name: string, status: string }} FileResult
 */

/** Of more failed files than these something is broken, and a second run would only say so later. */
const MOST = 3;

/**
 * The files that failed, where it makes sense to run them again: few, and nothing failed outside of all files.
 * @param {VitestRun} run
 * @returns {readonly string[]} their paths
 */
export function filesToRunAgain({ report, failures }) {
  const failed = filesOf(report).filter(({ status }) => status === 'failed');
  if (failed.length > MOST || failures.some((line) => line.startsWith(OUTSIDE))) return [];
  return failed.map(({ name }) => name);
}

/** How FailureReporter names what belongs to no file. */
export const OUTSIDE = 'outside of all tests';

/**
 * The report of both runs: of a file that ran again the second counts.
 * @param {VitestRun} first
 * @param {VitestRun} second
 * @returns {{ testResults: readonly FileResult[] }}
 */
export function reportOfBoth(first, second) {
  const again = new Set(filesToRunAgain(first));
  return {
    testResults: [
      ...filesOf(first.report).filter(({ name }) => !again.has(name)),
      ...filesOf(second.report),
      // A file that the second run did not even find stays failed.
      ...missing(again, filesOf(second.report)).map((name) => ({ name, status: 'failed' })),
    ],
  };
}

/** @param {ReadonlySet<string>} wanted @param {readonly FileResult[]} there */
function missing(wanted, there) {
  return [...wanted].filter((name) => !there.some((file) => file.name === name));
}

/** @param {unknown} report @returns {readonly FileResult[]} */
function filesOf(report) {
  return /** @type {{ testResults?: readonly FileResult[] } | undefined} */ (report)?.testResults ?? [];
}
