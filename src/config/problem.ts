import { relative } from 'node:path';
import type { ErrorCode } from '../errors/error-codes.ts';
import { FactoryError } from '../errors/factory-error.ts';

/** One mistake in a file that a person wrote. */
export interface Problem {
  /** Absolute. */
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** "groups[0].members[1]"; empty where the whole file is meant. */
  readonly key: string;
  /** What is wrong and what to do, without a full stop. */
  readonly message: string;
}

/** `factory.yaml:3:11: ssh.listen: must be …`, the form that editors and terminals make clickable. */
export function formatProblem(problem: Problem, workingFolder: string): string {
  const place = `${fileForPeople(problem.file, workingFolder)}:${problem.line}:${problem.column}`;
  return problem.key === '' ? `${place}: ${problem.message}` : `${place}: ${problem.key}: ${problem.message}`;
}

/** All problems as one error whose message is the printable list, in the order of the files and lines. */
export function problemsError(
  code: ErrorCode,
  problems: readonly Problem[],
  workingFolder: string,
): FactoryError {
  const sorted = problems.toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
  return new FactoryError(code, sorted.map((problem) => formatProblem(problem, workingFolder)).join('\n'));
}

/** Relative where the file lies in the working folder, absolute elsewhere. */
export function fileForPeople(file: string, workingFolder: string): string {
  const path = relative(workingFolder, file);
  return path.startsWith('..') || path === '' ? file : path;
}
