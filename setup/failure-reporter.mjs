// @ts-check
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { ROOT } from './paths.mjs';
import { OUTSIDE } from './second-run.mjs';

/** @typedef {import('vitest/node').Reporter} Reporter */
/** @typedef {{ message?: string, name?: string, stack?: string, stacks?: readonly { file: string, line: number }[], cause?: unknown }} Failure */

/** Causes of causes; a longer chain says no more. */
const DEEPEST = 5;
/** Of one thing that happened around a failure; characters. */
const LONGEST = 400;

/**
 * Names what failed for the end of a long output. A reporter of Vitest that writes a JSON array of lines to the file that
 * FAILURES_FILE names: Vitest's own JSON report leaves out what caused an error.
 *
 * @implements {Reporter}
 */
export default class FailureReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly Failure[]} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    const path = process.env.FAILURES_FILE;
    if (path === undefined) return;
    const lines = [
      ...modules.flatMap(failuresIn),
      ...unhandled.map((error) => failureLine(OUTSIDE, [error])),
    ];
    writeFileSync(path, JSON.stringify(lines));
  }
}

/** @param {import('vitest/node').TestModule} module */
function failuresIn(module) {
  const file = relative(ROOT, module.moduleId);
  const lines = module.errors().length > 0 ? [failureLine(file, module.errors())] : [];
  for (const suite of module.children.allSuites()) {
    if (suite.errors().length > 0) lines.push(failureLine(`${file}: ${suite.fullName}`, suite.errors()));
  }
  for (const test of module.children.allTests('failed')) {
    const line = failureLine(`${file}: ${test.fullName}`, test.result().errors ?? []);
    lines.push([line, ...lately(test.meta())].join('; lately: '));
  }
  return lines;
}

/**
 * What a test left of what happened around it, each cut to what a person reads.
 * @param {object} meta
 * @returns {string[]}
 */
export function lately(meta) {
  if (!('lately' in meta) || !Array.isArray(meta.lately)) return [];
  return meta.lately.map((each) => String(each).replace(/\s+/g, ' ').slice(0, LONGEST));
}

/**
 * "what: line in its file: why: what caused that", each error by its first line.
 * @param {string} what
 * @param {readonly Failure[]} errors the first of them is told
 * @returns {string}
 */
export function failureLine(what, [error]) {
  const reasons = [];
  for (let at = error; at !== undefined && reasons.length < DEEPEST; at = causeOf(at)) {
    reasons.push(`${at.name ?? 'Error'}: ${firstLine(at.message)}`);
  }
  const frame = error?.stacks?.findLast(({ file }) => file.includes('.test.'));
  const where = frame === undefined ? [] : [`line ${frame.line}`];
  return [what, ...where, reasons.join(' ← ') || 'no reason was given'].join(': ');
}

/** @param {Failure} failure @returns {Failure | undefined} */
function causeOf({ cause }) {
  if (cause === undefined || cause === null) return undefined;
  return typeof cause === 'object' ? cause : { name: 'thrown', message: String(cause) };
}

/** @param {string | undefined} text */
function firstLine(text) {
  return text?.trim().split('\n', 1)[0] || 'no reason was given';
}
