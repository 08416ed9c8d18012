import { z } from 'zod';
import { lifecycleFields } from '../config/lifecycle-values.ts';
import { LABEL, labName } from '../config/values.ts';
import { cluster } from './schema/cluster-schema.ts';
import { container } from './schema/container-schema.ts';
import { hooks } from './schema/hooks-schema.ts';

// A lab's lab.yaml: what may stand in it, what it means and what is taken where it says nothing.

export const labSchema = z
  .strictObject({
    name: labName.optional().meta({ description: "The folder's name, which is taken where this is absent." }),
    description: z
      .string()
      .regex(/^[^\p{Cc}]{0,200}$/u, { error: 'must be one line of at most 200 characters' })
      .default('')
      .meta({ description: 'One line for people who choose a lab.' }),
    container,
    cluster: cluster.optional(),
    routes: z
      .strictObject({
        host: z
          .string()
          .regex(new RegExp(`^(?=.{1,200}$)${LABEL}(?:\\.${LABEL})*$`), {
            error: 'must be labels of lower-case letters, digits and hyphens with dots between',
          })
          .optional()
          .meta({
            description:
              "The workspace's host below the factory's domain: {{ username }}, which is taken where this is absent, or a name that ends in .{{ username }}",
          }),
      })
      .prefault({}),
    lifecycle: z
      .strictObject(lifecycleFields)
      .prefault({})
      .meta({ description: "Each takes the place of the configuration's own." }),
    hooks,
    tasks: z
      .never({ error: 'is for a later version; leave it out' })
      .optional()
      .meta({ description: 'For a later version.' }),
  })
  .meta({ title: 'ssh-lab-factory lab' });

export type LabFile = z.output<typeof labSchema>;
