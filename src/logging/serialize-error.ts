import { FactoryError } from '../errors/factory-error.ts';

/** An error as the log has it; undefined keys are left out. */
export interface SerializedError {
  /** The class: "FactoryError", "ExecaError", "TypeError". */
  readonly type: string;
  /** One of ours, or the system's ("ENOENT"). */
  readonly code?: string | undefined;
  readonly message: string;
  readonly detail?: string | undefined;
  /** HTTP, as Docker answered. */
  readonly status?: number | undefined;
  /** Of a program: what was run, how it ended, the end of what it said. */
  readonly command?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly output?: string | undefined;
  readonly stack?: string | undefined;
  readonly errors?: readonly SerializedError[] | undefined;
  readonly cause?: SerializedError | undefined;
}

/** A chain this long tells no more; it also ends one that leads back to itself. */
const DEEPEST = 8;
const MOST_ERRORS = 5;
/** Characters: a line of the log stays far below what a reader or a collector cuts. */
const LONGEST = { message: 1_000, text: 4_000, stack: 2_000 } as const;

/**
 * Any thrown value with its whole chain of causes. Only what is named above is taken: errors of libraries carry whole
 * requests and environments along.
 */
export function serializeError(thrown: unknown): SerializedError {
  return serialize(thrown, DEEPEST);
}

function serialize(thrown: unknown, depth: number): SerializedError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: start(String(thrown), 'message') };
  const of = (name: string): unknown => (name in thrown ? Reflect.get(thrown, name) : undefined);
  const { cause } = thrown;
  const errors = of('errors');
  const deeper = depth > 1;
  return {
    type: thrown.name,
    code: text(of('code')),
    // Execa's own message holds all that the program said; it is below as `output`.
    message: start(text(of('shortMessage')) ?? thrown.message, 'message'),
    detail: end(thrown instanceof FactoryError ? thrown.detail : undefined),
    status: number(of('statusCode')),
    command: end(text(of('command'))),
    exitCode: number(of('exitCode')),
    signal: text(of('signal')),
    output: end(text(of('all')) ?? text(of('stderr'))),
    stack: stack(thrown),
    errors:
      deeper && Array.isArray(errors)
        ? errors.slice(0, MOST_ERRORS).map((each) => serialize(each, depth - 1))
        : undefined,
    cause: deeper && cause !== undefined ? serialize(cause, depth - 1) : undefined,
  };
}

/** Without the message, which may be long and is there already. */
function stack({ stack = '' }: Error): string | undefined {
  const calls = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return calls.length === 0 ? undefined : start(calls.join('\n'), 'stack');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function start(value: string, kind: keyof typeof LONGEST): string {
  return value.length <= LONGEST[kind] ? value : `${value.slice(0, LONGEST[kind])}…`;
}

/** A program says last why it ended. */
function end(value: string | undefined): string | undefined {
  if (value === undefined || value.length <= LONGEST.text) return value;
  return `…${value.slice(-LONGEST.text)}`;
}
