import { Worker } from 'node:worker_threads';

/** Pages; reached only where the checkpoints beside fail, so that the file can not grow for ever: some 80 MB. */
export const LAST_RESORT = 20_000;

/** Of the worker: text and not a file, as the sources and the build have files of different names. */
const SCRIPT = `
  const { workerData } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(workerData, { timeout: 2000 });
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  database.close();
`;

/**
 * Moves what SQLite has written beside the database (in its write-ahead log) into it, in a thread of its own: that waits for the
 * disk, which on a busy one takes up to a second, and nobody's keystrokes shall. Rejects with what SQLite throws.
 */
export function checkpointBeside(path: string): Promise<void> {
  const worker = new Worker(SCRIPT, { eval: true, execArgv: [], workerData: path });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}
