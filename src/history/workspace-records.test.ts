import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { migrate } from '../sqlite/migrate.ts';
import { VirtualClock } from '../time/testing/virtual-clock.ts';
import type { WorkspaceRecord } from '../workspaces/ports/records.ts';
import { HISTORY_MIGRATIONS } from './history-schema.ts';
import { RareWarning } from './rare-warning.ts';
import { anyKey, anyTime } from './testing/any-event.ts';
import { keyOf } from './testing/some-event.ts';
import { StoredRecords } from './workspace-records.ts';

const ALICE = keyOf('alice', 'k3s');
const BOB = keyOf('bob', 'k3s');
const RECORD: WorkspaceRecord = {
  emptySince: 5,
  pin: { until: 9, by: 'root' },
  deletedAt: undefined,
  deletionAnnounced: 7,
};

let database: DatabaseSync;
let lines: string[];
beforeEach(() => {
  database = new DatabaseSync(':memory:');
  migrate(database, HISTORY_MIGRATIONS, 0);
  lines = [];
  return () => database.close();
});

/** As the next start has them. */
function records(): StoredRecords {
  const logger = createLogger('info', [{ write: (line) => lines.push(line) }]);
  return new StoredRecords(database, new RareWarning({ clock: new VirtualClock(), logger }));
}

const anyRecord: fc.Arbitrary<WorkspaceRecord> = fc.record({
  emptySince: fc.option(anyTime, { nil: undefined }),
  pin: fc.option(fc.record({ until: anyTime, by: fc.string({ unit: 'binary' }) }), { nil: undefined }),
  deletedAt: fc.option(anyTime, { nil: undefined }),
  deletionAnnounced: fc.option(anyTime, { nil: undefined }),
});

test('a record is the same after a restart, and goes when it is forgotten', () => {
  fc.assert(
    fc.property(anyKey, anyRecord, anyRecord, (key, one, other) => {
      records().write(key, one);
      expect(records().read(key)).toEqual(one);
      records().write(key, other);
      expect(records().read(key)).toEqual(other);
      records().forget(key);
      expect(records().read(key)).toBeUndefined();
    }),
  );
});

test('each workspace has its own', () => {
  records().write(ALICE, RECORD);
  expect(records().read(BOB)).toBeUndefined();
  records().forget(BOB);
  expect(records().read(ALICE)).toEqual(RECORD);
});

test('what can not be written holds for this run, and is written when it can be', () => {
  const running = records();
  running.write(ALICE, RECORD);
  running.write(BOB, RECORD);
  database.exec('PRAGMA query_only = 1');
  running.write(ALICE, { ...RECORD, emptySince: undefined });
  running.forget(BOB);
  expect(running.read(ALICE)).toEqual({ ...RECORD, emptySince: undefined });
  expect(running.read(BOB)).toBeUndefined();
  expect(lines).toHaveLength(1);
  expect(records().read(ALICE)).toEqual(RECORD);

  database.exec('PRAGMA query_only = 0');
  running.flush();
  expect(records().read(ALICE)).toEqual({ ...RECORD, emptySince: undefined });
  expect(records().read(BOB)).toBeUndefined();
});

test('what can not be read is as if it were not there', () => {
  records().write(ALICE, RECORD);
  database.exec('ALTER TABLE workspace_records RENAME TO gone');
  expect(records().read(ALICE)).toBeUndefined();
  expect(lines).toHaveLength(1);
});
