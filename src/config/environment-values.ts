import { z } from 'zod';

/** Of one variable, characters; the kernel takes 128 KiB for it. */
const LONGEST_VALUE = 65_536;

/** A name of POSIX (Base Definitions §8.1), lower-case letters too. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is no name of an environment variable' });

export const variableValue = z
  .string()
  .max(LONGEST_VALUE)
  .regex(/^[^\0]*$/, { error: 'must not hold a NUL character' });
