import { openDataFolder, removeUnusedDataFolder } from '../data-folder/open-data-folder.ts';
import { FactoryError } from '../errors/factory-error.ts';
import type { CommandLine } from './command-line.ts';
import { loadSettings, type Settings } from './settings.ts';

/**
 * Runs a command that works on Docker directly, while no factory runs on the data folder; a folder in which nothing is kept
 * then is removed. Rejects as `loadSettings` and `openDataFolder` do, and with `INTERRUPTED` where the person ended it.
 */
export async function offline<T>(
  configFile: string | undefined,
  { surroundings, stop }: CommandLine,
  action: (settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = await loadSettings(configFile, surroundings);
  const { data } = settings.config;
  try {
    using _lock = await openDataFolder(data);
    return await action(settings).finally(() => removeUnusedDataFolder(data));
  } catch (cause) {
    if (!stop.aborted) throw cause;
    throw new FactoryError('INTERRUPTED', 'Ended before it was done; give the same command again.', {
      cause,
    });
  }
}
