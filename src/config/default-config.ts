import { resolve } from 'node:path';
import type { LabName } from '../names/lab-name.ts';
import { parseUsername, type Username } from '../names/username.ts';
import type { FactoryConfig } from './factory-config.ts';
import type { FactoryDefaults } from './factory-defaults.ts';
import { configSchema } from './schema.ts';
import { toFactoryConfig } from './to-factory-config.ts';

/**
 * What the factory does without a configuration: one person, on this machine alone, with their own keys and every lab
 * that comes with the factory. `labs`: the names of those.
 */
export function defaultConfig(
  workingFolder: string,
  defaults: FactoryDefaults,
  labs: readonly LabName[],
): FactoryConfig {
  return toFactoryConfig(configSchema.parse({}), resolve(workingFolder), defaults, labs);
}

/** A user name for the person whose login name is `login`: that name where it is a valid one, else one made from it. */
export function ownerName(login: string): { readonly user: Username; readonly changed: boolean } {
  const user = parseUsername(login) ?? parseUsername(madeValid(login)) ?? parseUsername('me');
  if (user === undefined) throw new Error('"me" is a user name');
  return { user, changed: user !== login };
}

/** Accents go, everything else that a user name can't hold becomes a single hyphen. */
function madeValid(login: string): string {
  return login
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(0, 39)
    .replace(/^-|-$/g, '');
}
