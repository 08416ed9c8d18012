import { z } from 'zod';
import { variableName, variableValue } from '../../config/environment-values.ts';
import { hostPath, imageName } from '../../config/values.ts';
import { containerPath, labPath } from './container-path.ts';
import { limits } from './limits.ts';

/** Of one file that stands in a lab.yaml, characters. */
const LONGEST_TEXT = 65_536;
const MOST_FILES = 64;
const MOST_MOUNTS = 16;

export const unixUser = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: 'must be the name of a Unix user' });

const file = z
  .strictObject({
    path: containerPath.meta({ description: 'Where in the container.' }),
    content: z.string().max(LONGEST_TEXT).optional().meta({ description: 'The text of the file.' }),
    source: labPath.optional().meta({ description: "A file of the lab's folder, instead of content." }),
    mode: z
      .string()
      .regex(/^[0-7]{3,4}$/, { error: 'must be permission bits such as "0644" (in quotes)' })
      .default('0644')
      .transform((text) => Number.parseInt(text, 8))
      .meta({ description: 'Permission bits, in quotes.' }),
    owner: unixUser.optional().meta({
      description: 'Unix user. Absent: the user of the sessions in their home, else root.',
    }),
  })
  .refine(({ content, source }) => (content === undefined) !== (source === undefined), {
    error: 'must have exactly one of: content, source',
    abort: true,
  });

export const mount = z.strictObject({
  source: hostPath.meta({
    description: "A folder or file of the host; the factory's configuration must allow it (mounts).",
  }),
  target: containerPath.meta({ description: 'Where in the container.' }),
  read_only: z.boolean().default(true).meta({ description: 'Whether the container may not write to it.' }),
});

export const container = z.strictObject({
  image: imageName.optional().meta({
    description:
      "The image of the lab's container; it has sshd and the user below. With build: the name of what is built.",
  }),
  build: labPath.optional().meta({
    description:
      "A folder in the lab's folder with a Dockerfile, which the image is built from where it is missing.",
  }),
  user: unixUser.default('lab').meta({ description: 'The Unix user of the sessions.' }),
  root: z
    .enum(['sudo', 'none'])
    .default('sudo')
    .meta({ description: 'sudo: as the image has it. none: no program in the container gives more rights.' }),
  env: z
    .record(variableName, variableValue)
    .default({})
    .meta({ description: 'Environment variables of the container.' }),
  files: z
    .array(file)
    .max(MOST_FILES)
    .default([])
    .meta({ description: 'Put into each new container; a file of the home that is there already stays.' }),
  home: z
    .enum(['kept', 'fresh'])
    .default('kept')
    .meta({ description: 'kept: over every reset of the container. fresh: made anew with it.' }),
  mounts: z.array(mount).max(MOST_MOUNTS).default([]).meta({ description: 'Folders and files of the host.' }),
  limits: limits('the container', { memory: '1Gi', cpus: 1, pids: 512 }),
  egress: z
    .enum(['open', 'none'])
    .default('open')
    .meta({ description: "none: the container's own network leads nowhere. Not together with a cluster." }),
});

export type ContainerFile = z.output<typeof container>;
