import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { controlSocket } from '../control/control-socket.ts';
import { loadSettings } from './settings.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * The data folder, for a command that asks the factory that runs on it. Such a factory goes on when its configuration gets a mistake, and
 * then it has to be found all the same. Rejects as `loadSettings` does where there is no sign of one.
 */
export async function findDataFolder(
  configFile: string | undefined,
  surroundings: Surroundings,
): Promise<string> {
  try {
    return (await loadSettings(configFile, surroundings)).config.data;
  } catch (error) {
    const data = configFile && (await dataFolderIn(resolve(surroundings.workingFolder, configFile)));
    if (data && existsSync(controlSocket(data))) return data;
    throw error;
  }
}

/** What a file with mistakes still says, and what is taken where it does not. */
async function dataFolderIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const { contents } = parseDocument(text, { logLevel: 'silent' });
  const written = isMap(contents) ? contents.get('data') : undefined;
  return resolve(dirname(file), typeof written === 'string' ? written : './.factory');
}
