import { openLabs } from '../composition/open-labs.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { fixedGroups } from '../groups/groups.ts';
import { type Given, NOTHING_GIVEN } from '../labs/lab-definition.ts';
import { secretValues } from '../logging/secret-values.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Settings } from './settings.ts';

/** Stands for whatever session there will be. */
const SAMPLE_SESSION = { id: 'sample-session', clientAddress: '192.0.2.7:50122' };

/** Sets whose keys are names that people chose. */
const NAMED = new Set(['env', 'headers', 'values']);

/**
 * A lab as one user gets it, for people who write labs: keys in snake_case, times in ms, sizes in bytes, modes as they are written, and no secret of the configuration.
 * Throws `LAB_UNKNOWN`, and `LAB_INVALID` where a template becomes what may not stand there.
 */
export function renderedLab(
  { config, labs, secretValues: secrets }: Pick<Settings, 'config' | 'labs' | 'secretValues'>,
  key: WorkspaceKey,
  given: Given = NOTHING_GIVEN,
): unknown {
  const { resolver, hostOf } = openLabs({ config, labs }, fixedGroups(config.groups));
  const lab = resolver.resolve(key, given);
  if (lab === undefined) {
    const names = labs.all().map(({ name }) => name);
    throw new FactoryError('LAB_UNKNOWN', `There is no lab ${key.lab}; there are: ${names.join(', ')}.`);
  }
  const sessionEnv = { env: resolver.sessionEnv(key, given, SAMPLE_SESSION) };
  const shown = {
    workspace: formatWorkspaceKey(key),
    host: hostOf(key),
    ...lab,
    session: sessionEnv,
  };
  const text = `${JSON.stringify(inSnakeCase(shown))}\n`;
  return JSON.parse(secretValues(secrets).jsonWithoutValues(text));
}

function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    NAMED.has(name) ? item : name === 'mode' ? modeText(item) : inSnakeCase(item),
  ]);
  return Object.fromEntries(entries);
}

/** "0644" */
function modeText(mode: unknown): unknown {
  return typeof mode === 'number' ? `0${mode.toString(8)}` : mode;
}
