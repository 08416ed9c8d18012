import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import type { WorkspaceRecord, WorkspaceRecords } from '../ports/records.ts';

/** Records in memory. */
export function memoryRecords(): WorkspaceRecords {
  const records = new Map<string, WorkspaceRecord>();
  return {
    read: (key) => records.get(formatWorkspaceKey(key)),
    write: (key, record) => void records.set(formatWorkspaceKey(key), record),
    forget: (key) => void records.delete(formatWorkspaceKey(key)),
  };
}
