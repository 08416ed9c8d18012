import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../logging/logger.ts';
import { openDatabase, openDatabaseFile, openExistingFile } from '../sqlite/database-file.ts';
import { migrate } from '../sqlite/migrate.ts';
import type { Clock } from '../time/clock.ts';
import { LAST_RESORT } from './checkpoint.ts';
import { HISTORY_MIGRATIONS } from './history-schema.ts';

export const HISTORY_FILE = 'history.sqlite';

/** sqlite3.h: what says that it is the file which is wrong, and not the disk or the machine. */
const SQLITE_ERROR = 1;
const SQLITE_CORRUPT = 11;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;
const FAULTS_OF_THE_FILE: ReadonlySet<number> = new Set([
  SQLITE_ERROR,
  SQLITE_CORRUPT,
  SQLITE_CANTOPEN,
  SQLITE_NOTADB,
]);

export interface HistoryDatabaseOptions {
  /** The data folder, locked. */
  readonly data: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Opens the history, made where there is none. Losing it loses no workspace, so it never keeps a factory from starting: a file that
 * is damaged is set aside and a new one begun; where none can be written it is kept in memory. The log has a warning then.
 */
export function openHistoryDatabase({ data, clock, logger }: HistoryDatabaseOptions): DatabaseSync {
  const path = join(data, HISTORY_FILE);
  try {
    return openOrReplace(path, clock, logger);
  } catch (error) {
    logger.warn({ err: error, file: path }, 'the history can not be kept; this run has it in memory alone');
    const database = openDatabase(':memory:', {});
    migrate(database, HISTORY_MIGRATIONS, clock.now());
    return database;
  }
}

/**
 * The history for reading alone, beside a factory that writes it or without one; undefined where there is none. Throws what SQLite
 * throws.
 */
export function openHistoryForReading(data: string): DatabaseSync | undefined {
  return openExistingFile(join(data, HISTORY_FILE), { readOnly: true });
}

/** As it is, with the data folder locked; undefined where there is none. Throws what SQLite throws. */
export function openHistoryForWriting(data: string): DatabaseSync | undefined {
  return openExistingFile(join(data, HISTORY_FILE), {});
}

function openOrReplace(path: string, clock: Clock, logger: Logger): DatabaseSync {
  try {
    return openWhole(path, clock);
  } catch (error) {
    if (!isFaultOfTheFile(error)) throw error;
    const aside = setAside(path, clock);
    logger.warn({ err: error, file: aside }, 'the history is damaged; it is set aside and a new one begun');
    return openWhole(path, clock);
  }
}

function openWhole(path: string, clock: Clock): DatabaseSync {
  const database = openDatabaseFile({
    path,
    migrations: HISTORY_MIGRATIONS,
    synchronous: 'NORMAL',
    now: clock.now(),
  });
  database.exec(`PRAGMA wal_autocheckpoint = ${LAST_RESORT}`);
  return database;
}

/** Gives the new path. */
function setAside(path: string, clock: Clock): string {
  const aside = `${path}.damaged-${new Date(clock.now()).toISOString().replaceAll(/[-:]/g, '')}`;
  renameSync(path, aside);
  // What was written last is still in there; `sqlite3 … .recover` finds it under this name.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${aside}-wal`);
  rmSync(`${path}-shm`, { force: true });
  return aside;
}

/** Errors of SQLite have its number, those of ours and of the file system's have none. */
function isFaultOfTheFile(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // The low byte is the kind, the others say more of it.
  if ('errcode' in error) return FAULTS_OF_THE_FILE.has(Number(error.errcode) & 0xff);
  return !('syscall' in error);
}
