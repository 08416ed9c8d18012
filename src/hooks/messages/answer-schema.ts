import { posix } from 'node:path';
import { z } from 'zod';

/*
 * What the answer to `initialization` may hold. Whoever may answer may set variables and put files as root into the student's container,
 * and nothing beyond it.
 */

const MOST = 64;
const LONGEST_VALUE = 8 * 2 ** 10;
const LONGEST_MESSAGE = 4 * 2 ** 10;
/** Of all files together, bytes. */
const LARGEST_FILES = 2 ** 20;

/** The factory's own, those of sshd, and those by which the programs of a login find each other or load code. */
const RESERVED =
  /^(?:LAB_|LD_|SSH_)|^(?:PATH|HOME|USER|LOGNAME|SHELL|ENV|BASH_ENV|IFS|GCONV_PATH|GLIBC_TUNABLES)$/;

const value = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= LONGEST_VALUE, { error: 'must have at most 8 KiB' })
  .refine((text) => !text.includes('\0'), { error: 'must not have a NUL' });

const variableName = z
  .string()
  .max(128)
  .regex(/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is no name of a variable' })
  .refine((name) => !RESERVED.test(name), { error: 'is reserved' });

const valueName = z
  .string()
  .max(MOST)
  .regex(/^[a-z][a-z0-9_]*$/, { error: 'must have lower-case letters, digits and _' });

const path = z
  .string()
  .max(4_096, { abort: true })
  .regex(/^\/[^\0]*[^\0/]$/, { error: 'must be absolute' })
  .refine((text) => posix.normalize(text) === text, { error: 'must not have ., .. or // in it' });

const file = z.strictObject({
  path: path.meta({ description: 'In the container.' }),
  content: z.base64().meta({ description: 'Base64.' }),
  mode: z
    .string()
    .regex(/^0?[0-7]{3,4}$/, { error: 'must be octal such as "0644"' })
    .default('0644'),
  owner: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: 'must be the name of a Unix user' })
    .optional()
    .meta({ description: 'Absent: the user of the sessions in their home, else root.' }),
});

function record(name: z.ZodString, description: string) {
  return z
    .record(name, value)
    .refine((entries) => Object.keys(entries).length <= MOST, { error: `must have at most ${MOST} names` })
    .default({})
    .meta({ description });
}

export const answerSchema = z
  .strictObject({
    environment: record(variableName, 'Environment variables of every session.'),
    values: record(valueName, 'For templates of the lab: values.<name>.'),
    files: z
      .array(file)
      .max(MOST)
      .refine((files) => sizeOf(files) <= LARGEST_FILES, { error: 'must have at most 1 MiB together' })
      .default([])
      .meta({ description: 'For each new container.' }),
    message: z
      .string()
      .refine((text) => Buffer.byteLength(text) <= LONGEST_MESSAGE, { error: 'must have at most 4 KiB' })
      .default('')
      .meta({ description: 'Shown to the student; control characters are left out.' }),
  })
  .meta({ title: 'ssh-lab-factory answer to initialization' });

export type HookAnswer = z.output<typeof answerSchema>;

function sizeOf(files: readonly { readonly content: string }[]): number {
  return files.reduce((sum, { content }) => sum + (content.length * 3) / 4, 0);
}
