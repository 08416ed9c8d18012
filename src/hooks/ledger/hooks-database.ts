import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { FactoryError } from '../../errors/factory-error.ts';
import { openDatabaseFile, openExistingFile } from '../../sqlite/database-file.ts';
import { HOOKS_MIGRATIONS } from './hooks-schema.ts';

export const HOOKS_FILE = 'hooks.sqlite';

/**
 * Opens the file of the hooks, made where there is none. What stands in it was promised to others, so a file that can not be read is
 * never set aside by itself. Throws `HOOKS_UNREADABLE`.
 */
export function openHooksDatabase(data: string, now: number): DatabaseSync {
  const path = join(data, HOOKS_FILE);
  try {
    const options = { path, migrations: HOOKS_MIGRATIONS, now };
    return openDatabaseFile({ ...options, synchronous: 'FULL' });
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** For reading alone, beside a factory that writes it or without one; undefined where there is none. Throws `HOOKS_UNREADABLE`. */
export function openHooksForReading(data: string): DatabaseSync | undefined {
  try {
    return openExistingFile(join(data, HOOKS_FILE), { readOnly: true });
  } catch (cause) {
    throw unreadable(cause);
  }
}

export function unreadable(cause: unknown): FactoryError {
  return new FactoryError(
    'HOOKS_UNREADABLE',
    `The file ${HOOKS_FILE} in the data folder can not be used: hooks wait in it to be delivered. Mend the disk or its rights; a damaged file can be read with "sqlite3 ${HOOKS_FILE} .recover". Move it away (with ${HOOKS_FILE}-wal) to start without what waits in it.`,
    { cause },
  );
}
