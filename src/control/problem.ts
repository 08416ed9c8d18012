import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.ts';
import { FactoryError } from '../errors/factory-error.ts';

/** A `FactoryError` as the control socket's answer tells of it, with the media type of RFC 9457. */
const problemSchema = z.object({
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  /** Under which the factory's log has it, where it has it. */
  id: z.string(),
  message: z.string(),
});

export type Problem = z.output<typeof problemSchema>;

export const PROBLEM_TYPE = 'application/problem+json';

/** What the operator asked for and cannot have: nothing went wrong, and the log has no error of it. Any other is a failure. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'WORKSPACE_UNKNOWN',
  'WORKSPACE_IN_USE',
  'LAB_UNKNOWN',
  'LAB_WITHOUT_CLUSTER',
  'SHUTTING_DOWN',
]);

export function isRefusal({ code }: Pick<FactoryError, 'code'>): boolean {
  return REFUSALS.has(code);
}

export function problemOf({ code, id, message }: FactoryError): Problem {
  return { code, id, message };
}

/** The error that an answer tells of, with its code and id; undefined where it tells of none. */
export function errorOfProblem(text: string): FactoryError | undefined {
  const parsed = problemSchema.safeParse(jsonOrUndefined(text));
  if (!parsed.success) return undefined;
  const { code, id, message } = parsed.data;
  const detail = isRefusal({ code }) ? {} : { detail: `More of it: factory logs --error ${id}` };
  return new FactoryError(code, message, { id, ...detail });
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
