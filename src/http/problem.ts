import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { parseJson } from '../json/parse-json.ts';

/** A `FactoryError` as an answer over HTTP tells of it: problem details of RFC 9457, with code and id as extension members. */
export const problemSchema = z.object({
  type: z.string().max(200).describe('urn:ssh-lab-factory:error: and the code'),
  title: z.string().max(200),
  status: z.int().describe('that of the answer'),
  detail: z.string().max(4_000).describe('a sentence that says what to do'),
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  id: z.string().max(64).describe("under which the factory's log has it, where it has it"),
});

export type Problem = z.output<typeof problemSchema>;

export const PROBLEM_TYPE = 'application/problem+json';

/** What was asked for and cannot be had, or not now, each with the status that says so. Any other is a failure of ours. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 422,
  TOKEN_REFUSED: 401,
  ACCESS_DENIED: 403,
  TOO_MANY_REQUESTS: 429,
  WORKSPACE_UNKNOWN: 404,
  LAB_UNKNOWN: 404,
  USER_UNKNOWN: 404,
  USERNAME_RESERVED: 409,
  NODE_UNKNOWN: 404,
  WORKSPACE_IN_USE: 409,
  WORKSPACE_ASLEEP: 409,
  LAB_WITHOUT_CLUSTER: 409,
  CLUSTER_NOT_READY: 409,
  CLUSTER_ASLEEP: 409,
  EXTENSION_REFUSED: 409,
  SHUTTING_DOWN: 503,
};

/** Something else is missing, so that it may work later. */
const UNAVAILABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'DOCKER_UNAVAILABLE',
  'K3D_MISSING',
  'DISK_NEARLY_FULL',
  'SUBNETS_EXHAUSTED',
  'IMAGE_UNAVAILABLE',
  'IDENTITY_UNAVAILABLE',
  'CLUSTER_SERVICE_UNREACHABLE',
  'TIMED_OUT',
  'OVERDUE',
]);

/** Nothing went wrong, so the log has no error of it. */
export function isRefusal({ code }: Pick<FactoryError, 'code'>): boolean {
  return STATUS[code] !== undefined;
}

/** The HTTP status with which an error is answered. */
export function statusOf({ code }: Pick<FactoryError, 'code'>): number {
  return STATUS[code] ?? (UNAVAILABLE.has(code) ? 503 : 500);
}

export function problemOf(error: FactoryError, status = statusOf(error)): Problem {
  const { code, id, message } = error;
  return {
    type: `urn:ssh-lab-factory:error:${code}`,
    title: titleOf(code),
    status,
    detail: message,
    code,
    id,
  };
}

/** The error that an answer tells of, with its code and id; undefined where it tells of none. */
export function errorOfProblem(text: string): FactoryError | undefined {
  return errorOf(parseJson(text));
}

/** The same of an answer whose JSON has been parsed. */
export function errorOf(problem: unknown): FactoryError | undefined {
  const parsed = problemSchema.safeParse(problem);
  if (!parsed.success) return undefined;
  const { code, id, detail } = parsed.data;
  const more = isRefusal({ code }) ? {} : { detail: `More of it: factory logs --error ${id}` };
  return new FactoryError(code, detail, { id, ...more });
}

/** "WORKSPACE_IN_USE" as "Workspace in use". */
function titleOf(code: ErrorCode): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
