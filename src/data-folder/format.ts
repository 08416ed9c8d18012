import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FactoryError } from '../errors/factory-error.ts';
import { isMissing } from '../errors/system-refusal.ts';
import { dataFolderFailure } from './data-folder-failure.ts';
import { moveClusterLogs } from './migrations/cluster-logs.ts';
import { leaveSocketLock } from './migrations/old-lock.ts';
import { writeDurably } from './write-durably.ts';

export const FORMAT_FILE = 'format';

/** Brings a data folder to the next format. Doing it again, after a crash in the middle of it, does no harm. */
type Migration = (folder: string) => Promise<void>;

/** The first leads from format 1 to 2, and so on; every format that was ever released can be migrated. */
const MIGRATIONS: readonly Migration[] = [
  async (folder) => {
    await leaveSocketLock(folder);
    await moveClusterLogs(folder);
  },
];

/** The format that this program reads and writes. */
export const CURRENT_FORMAT = MIGRATIONS.length + 1;

/**
 * Brings the (locked) data folder to the current format, one step after the other; the number is written after its step. Resolves
 * with the format it had. Rejects with `DATA_FOLDER_NEWER` for one of a newer version, `DATA_FOLDER_UNREADABLE` where it can not
 * tell, and as `dataFolderFailure` says where it can not look, and then has changed nothing.
 */
export async function migrateDataFolder(folder: string): Promise<number> {
  const kept = await readFormat(folder);
  const found = kept ?? (await unmarkedFormat(folder));
  if (found > CURRENT_FORMAT) {
    throw new FactoryError(
      'DATA_FOLDER_NEWER',
      `The data folder was written by a newer version of the factory (format ${found}, this one knows ${CURRENT_FORMAT}); start that version again, or restore a backup of the folder.`,
    );
  }
  for (const [index, migrate] of MIGRATIONS.slice(found - 1).entries()) {
    await migrate(folder);
    await writeDurably(join(folder, FORMAT_FILE), `${found + index + 1}\n`);
  }
  if (kept === undefined && found === CURRENT_FORMAT)
    await writeDurably(join(folder, FORMAT_FILE), `${CURRENT_FORMAT}\n`);
  return found;
}

async function readFormat(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, FORMAT_FILE), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw dataFolderFailure('The file "format" in the data folder can not be read', error);
  });
  if (text === undefined || /^[1-9]\d{0,5}\n?$/.test(text)) return text === undefined ? text : Number(text);
  throw unreadable();
}

/** One that no factory has used yet can be of the current format; the others are from before there was a mark. */
async function unmarkedFormat(folder: string): Promise<number> {
  const names = await readdir(folder);
  return names.includes('instance-id') ? 1 : CURRENT_FORMAT;
}

function unreadable(): FactoryError {
  return new FactoryError(
    'DATA_FOLDER_UNREADABLE',
    'The file "format" in the data folder holds no number; put the folder back from a backup, or write the right number there.',
  );
}
