import { z } from 'zod';
import { duration } from '../../config/values.ts';
import { PROBLEM_TYPE, problemSchema } from '../../http/problem.ts';
import { LONGEST_WAIT } from '../endpoints.ts';

const problem = { content: { [PROBLEM_TYPE]: { schema: problemSchema } } } as const;

/** What any route may answer instead. */
export const PROBLEM = {
  429: {
    description:
      'Too much: requests of one caller that are open; or requests of one caller, or without a valid token from one address, within a minute: then `Retry-After` says when that ends, s.',
    ...problem,
  },
  default: { description: 'A refusal or a failure (RFC 9457).', ...problem },
} as const;

/** The path of one cluster. The guard has seen to it that it names one. */
export const clusterPath = z.object({
  user: z.string().meta({ description: 'Whose it is, "alice".' }),
  lab: z.string().meta({ description: 'Of which lab, "k3s".' }),
});

export const noQuery = z.strictObject({});

/** How long to wait, as people write it; becomes ms. */
export const waitTime = duration
  .refine((ms) => ms <= LONGEST_WAIT, { error: 'must be an hour at most' })
  .meta({ description: 'How long to wait until it is so: "0s", "30s", "5m"; an hour at most.' });
