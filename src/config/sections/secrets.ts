import { z } from 'zod';
import { variableName } from '../environment-values.ts';
import { labName, path } from '../values.ts';

const MOST_SECRETS = 256;

const secretName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, { error: 'must be a name of lower-case letters, digits and _' });

/** Where one secret comes from; exactly one of file and env is given. */
export const secret = z
  .strictObject({
    file: path
      .optional()
      .meta({ description: 'A file with the secret; a line break at its end is dropped.' }),
    env: variableName.optional().meta({ description: 'A variable of the environment of the factory.' }),
    labs: z.array(labName).optional().meta({ description: 'Who may use it. Absent: every lab.' }),
  })
  .refine(({ file, env }) => (file === undefined) !== (env === undefined), {
    error: 'must have exactly one of: file, env',
    abort: true,
  });

export const secrets = z
  .record(secretName, secret)
  .refine((all) => Object.keys(all).length <= MOST_SECRETS, { error: `must be at most ${MOST_SECRETS}` })
  .default({})
  .meta({ description: 'What labs can name as {{ secrets.<name> }}; read once, at the start.' });
