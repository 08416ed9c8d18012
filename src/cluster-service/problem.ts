import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.ts';
import { FactoryError } from '../errors/factory-error.ts';

/**
 * A `FactoryError` between processes of one factory (RFC 9457 with members of our own). Unlike what people are told it has the
 * detail as well: the other side's log is to have it.
 */
export const problemSchema = z.object({
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  message: z.string().max(10_000),
  id: z.string().max(64),
  detail: z.string().max(100_000).optional(),
});

export type Problem = z.output<typeof problemSchema>;

export function problemOf({ code, message, id, detail }: FactoryError): Problem {
  return { code, message, id, ...(detail === undefined ? {} : { detail: detail.slice(-100_000) }) };
}

export function errorOf({ code, message, id, detail }: Problem): FactoryError {
  return new FactoryError(code, message, { id, ...(detail === undefined ? {} : { detail }) });
}
