// @ts-check

/** EX_UNAVAILABLE of sysexits.h: something that set-up cannot install itself is missing. */
export const EXIT_UNAVAILABLE = 69;

/** What stops set-up: one sentence, what to type, and the last output of the program that failed. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {{ hint?: string, output?: string, exitCode?: number, cause?: unknown }} [more]
   */
  constructor(message, more = {}) {
    super(message, { cause: more.cause });
    this.name = 'SetupError';
    this.hint = more.hint;
    this.output = more.output;
    this.exitCode = more.exitCode ?? 1;
  }
}

/**
 * The error as a person should read it.
 * @param {unknown} error
 */
export function describeError(error) {
  if (!(error instanceof SetupError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const parts = [error.message];
  if (error.output) parts.push(error.output.trimEnd().replace(/^/gm, '  | '));
  if (error.hint) parts.push(`What to do: ${error.hint}`);
  return parts.join('\n');
}
