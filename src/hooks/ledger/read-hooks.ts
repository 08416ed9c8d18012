import type { HookList } from '../office/hook-status.ts';
import { listOf } from '../office/ledger-office.ts';
import { openHooksForReading, unreadable } from './hooks-database.ts';
import { Outbox } from './outbox.ts';

/** What waits in a data folder; needs no factory that runs. Throws `HOOKS_UNREADABLE`. */
export function readHooks(data: string, most: number): HookList {
  const database = openHooksForReading(data);
  if (database === undefined) return { waiting: 0, given_up: 0, hooks: [] };
  try {
    return listOf(new Outbox(database), most);
  } catch (cause) {
    throw unreadable(cause);
  } finally {
    database.close();
  }
}
