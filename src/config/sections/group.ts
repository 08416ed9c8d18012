import { z } from 'zod';
import { ROLES } from '../../names/role.ts';
import { labName, path, userNameOrEverybody } from '../values.ts';
import { overrides } from './overrides.ts';

/** The column that is looked for where the configuration names none. */
const USUAL_COLUMN = 'username';

/** A path alone is short for `{ file: path }`. */
const roster = z
  .preprocess(
    (written) => (typeof written === 'string' ? { file: written } : written),
    z.strictObject({
      file: path.meta({ description: 'A CSV file with a line of column names at its top.' }),
      column: z
        .string()
        .min(1)
        .max(200)
        .default(USUAL_COLUMN)
        .meta({ description: 'The name of the column with the user names.' }),
    }),
  )
  .optional()
  .meta({
    type: ['string', 'object'],
    description: 'Further members, from a CSV file as spreadsheets write it: its path, or file and column.',
  });

export const group = z
  .strictObject({
    name: z.string().min(1).max(64).meta({ description: 'For people and logs; each name stands once.' }),
    role: z.enum(ROLES).default('student').meta({
      description: 'What the members are; who is in several groups has the highest of the roles.',
    }),
    members: z.array(userNameOrEverybody).optional().meta({
      description: 'User names; "*" is everybody that a source knows. Absent: those of the roster.',
    }),
    roster,
    labs: z
      .array(labName)
      .optional()
      .meta({ description: 'The labs that the members may use. Absent: every lab.' }),
    default_lab: labName.optional().meta({
      description:
        'The lab of members who log in without naming one; one of labs. Absent: who may use several must name one.',
    }),
    overrides: overrides.optional().meta({
      description:
        'What the members get otherwise than the labs of this group say. Where several groups of a user say something, the first one counts.',
    }),
    open_to_anyone: z.boolean().default(false).meta({
      description: 'Must be true for "*" where a source is public: then everybody in the world may come in.',
    }),
  })
  .check(({ value, issues }) => {
    if (value.members !== undefined || value.roster !== undefined) return;
    const message = 'is missing; it must be a list, or give a roster';
    issues.push({ code: 'custom', path: ['members'], input: undefined, message });
  });

export type GroupFile = z.output<typeof group>;
