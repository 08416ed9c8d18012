import { z } from 'zod';

/** A time in a query, ISO 8601 in UTC; becomes ms since the epoch. */
export const queryTime = z.iso.datetime().transform((text) => Date.parse(text));

/** A number in a query. */
export function queryNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be a number' })
    .transform(Number)
    .refine((number) => number >= least && number <= most, { error: `must be from ${least} to ${most}` });
}
