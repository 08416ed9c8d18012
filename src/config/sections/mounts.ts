import { z } from 'zod';
import { hostPath, labName } from '../values.ts';

/** What of the host labs may mount. */
export const allowedMount = z.strictObject({
  source: hostPath.meta({
    description: 'A folder or file of the host; all below it may be mounted as well.',
  }),
  write: z.boolean().default(false).meta({ description: 'Whether labs may write to it.' }),
  labs: z.array(labName).optional().meta({ description: 'Who may mount it. Absent: every lab.' }),
});

export const mounts = z
  .array(allowedMount)
  .max(64)
  .default([])
  .meta({ description: 'What of the host labs may have in their containers; nothing where this is absent.' });
