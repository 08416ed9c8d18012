import { randomBytes } from 'node:crypto';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/**
 * The one error class of the factory. `message` is a plain sentence for the person who meets it and says what
 * to do next; it never holds a secret, a path of the host or a stack. Technical detail goes into `detail` and
 * `cause`, which only the log shows.
 */
export class FactoryError extends Error {
  readonly code: ErrorCode;
  /** For the log only: the last lines of a program's output, a Docker answer. */
  readonly detail: string | undefined;
  readonly #id: string;
  #logged = false;

  /** `id`: of an error that another process told of, whose log has it. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; detail?: string; id?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FactoryError';
    this.code = code;
    this.detail = options.detail;
    this.#id = options.id ?? randomBytes(4).toString('hex');
  }

  /** Eight hexadecimal digits: what a person is told, and under what the log has it. */
  get id(): string {
    return this.#id;
  }

  get mendedBy(): 'student' | 'operator' | 'defect' {
    return ERROR_CODES[this.code];
  }

  /** True for the first who asks. One failure may reach many who wait for the same thing, and is one line in the log. */
  claimLogLine(): boolean {
    if (this.#logged) return false;
    this.#logged = true;
    return true;
  }
}

/** Any thrown value as a FactoryError; what is not one already becomes `UNEXPECTED` with it as the cause. */
export function asFactoryError(thrown: unknown): FactoryError {
  if (thrown instanceof FactoryError) return thrown;
  return new FactoryError('UNEXPECTED', 'Something in the factory went wrong; please tell the operator.', {
    cause: thrown,
  });
}
