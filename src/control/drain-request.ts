import { z } from 'zod';

/** The longest time that a drain may take: a day; ms. */
export const LONGEST_DRAIN = 24 * 3_600_000;

/** The body of `POST /drain`. */
export const drainRequestSchema = z.strictObject({
  within_ms: z.int().min(0).max(LONGEST_DRAIN),
  /** For the students; it ends up in their terminals. */
  message: z
    .string()
    .regex(/^[^\p{Cc}]{1,200}$/u, { error: 'must be one line of at most 200 characters' })
    .optional(),
});

export type DrainRequestBody = z.output<typeof drainRequestSchema>;
