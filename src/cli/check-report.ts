import { type Problem, ProblemsError } from '../config/problem.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { Surroundings } from './surroundings.ts';

/** The same in all commands that check files. */
export const JSON_OPTION = ['--json', 'print the result as JSON'] as const;

/** What a check found, where nothing is wrong. */
export interface CheckResult {
  /** For people. */
  readonly text: string;
  /** For scripts; keys in snake_case. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Says what `check` found: text, or with `json` one object. That has `problems` in any case, each with `file` (absolute),
 * `line`, `column`, `key` and `message`; all but the message may be null. Rejects as `check` does, with or without `json`.
 */
export async function reportCheck(
  check: () => Promise<CheckResult>,
  json: boolean,
  { say }: Pick<Surroundings, 'say'>,
): Promise<void> {
  if (!json) return say((await check()).text);
  try {
    say(asJson({ problems: [], ...(await check()).data }));
  } catch (error) {
    if (error instanceof FactoryError) say(asJson({ problems: problemsOf(error) }));
    throw error;
  }
}

function problemsOf(error: FactoryError): readonly object[] {
  if (error instanceof ProblemsError) return error.problems.map(withNulls);
  return [{ file: null, line: null, column: null, key: null, message: error.message }];
}

function withNulls({ file, line, column, key, message }: Problem): object {
  return { file, line: line || null, column: column || null, key: key || null, message };
}

function asJson(value: object): string {
  return JSON.stringify(value, undefined, 2);
}
