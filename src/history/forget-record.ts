import type { WorkspaceKey } from '../names/workspace-key.ts';
import { openHistoryForWriting } from './history-database.ts';
import { deleteRecord } from './workspace-records.ts';

/**
 * For who removes a workspace while no factory runs: the next one of that name begins without its pin and its times. What happened to
 * it stays in the history. A history that can not be written is left to the next start, which finds nothing that the record is of.
 */
export function forgetRecord(data: string, key: WorkspaceKey): void {
  try {
    const database = openHistoryForWriting(data);
    if (database === undefined) return;
    try {
      deleteRecord(database, key);
    } finally {
      database.close();
    }
  } catch {
    // Losing or keeping a record loses no workspace.
  }
}
