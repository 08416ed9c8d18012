// @ts-check

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Counts what a vitest run really ran, from its JSON report. A file that could not be collected, an error outside
 * of all tests, a run without a test and a run without a report are failures.
 * @param {unknown} report the parsed report; undefined where there is none
 * @param {number} exitCode of vitest
 * @returns {Counts}
 */
export function countVitest(report, exitCode) {
  const files =
    /** @type {{ testResults?: { status?: string, assertionResults?: { status: string }[] }[] } | undefined} */ (
      report
    )?.testResults;
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files ?? []) {
    const tests = file.assertionResults ?? [];
    for (const test of tests) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === 'failed' && !tests.some((test) => test.status === 'failed')) counts.failed += 1;
  }
  const ran = counts.passed + counts.failed;
  if (counts.failed === 0 && (exitCode !== 0 || ran === 0)) counts.failed = 1;
  return counts;
}

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
export function addCounts(all) {
  const sum = (/** @type {keyof Counts} */ name) => all.reduce((total, counts) => total + counts[name], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** @param {Counts} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
