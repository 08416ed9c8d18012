import { relative } from 'node:path';
import type { ErrorCode } from '../errors/error-codes.ts';
import { FactoryError } from '../errors/factory-error.ts';

/** One mistake in a file that a person wrote. */
export interface Problem {
  /** Absolute. */
  readonly file: string;
  /** Both count from 1; 0 where `file` is no file that could be read, or a folder. */
  readonly line: number;
  readonly column: number;
  /** "groups[0].members[1]"; empty where the whole file is meant. */
  readonly key: string;
  /** What is wrong and what to do, without a full stop. */
  readonly message: string;
}

/** Mistakes in files, as one error whose message is the printable list. */
export class ProblemsError extends FactoryError {
  /** In the order of the files and lines. */
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, problems: readonly Problem[], workingFolder: string) {
    const sorted = problems.toSorted(
      (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
    );
    super(code, sorted.map((problem) => formatProblem(problem, workingFolder)).join('\n'));
    this.problems = sorted;
  }
}

/** `factory.yaml:3:11: ssh.listen: must be …`, the form that editors and terminals make clickable. */
export function formatProblem(problem: Problem, workingFolder: string): string {
  const file = fileForPeople(problem.file, workingFolder);
  const place = problem.line === 0 ? file : `${file}:${problem.line}:${problem.column}`;
  return problem.key === '' ? `${place}: ${problem.message}` : `${place}: ${problem.key}: ${problem.message}`;
}

/** Relative where the file lies in the working folder, absolute elsewhere. */
export function fileForPeople(file: string, workingFolder: string): string {
  const path = relative(workingFolder, file);
  return path.startsWith('..') || path === '' ? file : path;
}
