import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../sqlite/migrate.ts';
import { type EventQuery, isSelected } from './event-query.ts';
import { EVENT_KINDS } from './event-schema.ts';
import { EventStore, KEPT_FOR, MOST_KEPT } from './event-store.ts';
import { HISTORY_MIGRATIONS } from './history-schema.ts';
import { anyEvent, anyTime } from './testing/any-event.ts';
import { eventAt, keyOf } from './testing/some-event.ts';

const NOW = Date.parse('2026-11-28T10:00:00Z');

let database: DatabaseSync;
let store: EventStore;
beforeEach(() => {
  database = new DatabaseSync(':memory:');
  migrate(database, HISTORY_MIGRATIONS, NOW);
  store = new EventStore(database);
  return () => database.close();
});

const idsOf = (query: EventQuery = {}) => [...store.query(query)].map(({ id }) => id);

test('ids grow, also after everything was thrown away, and in a history that was begun anew', () => {
  const first = store.append(eventAt(NOW - KEPT_FOR - 1));
  expect(first).toBeGreaterThan(NOW);
  expect(store.lastId()).toBe(first);
  expect(store.prune(NOW)).toBe(true);
  expect(idsOf()).toEqual([]);
  expect(store.lastId()).toBe(first);
  expect(store.append(eventAt(NOW))).toBe(first + 1);
});

const perhaps = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const anyQuery: fc.Arbitrary<EventQuery> = fc.record({
  user: perhaps(fc.constantFrom(keyOf('alice', 'k3s').user, keyOf('bob', 'k3s').user)),
  lab: perhaps(fc.constantFrom(keyOf('alice', 'k3s').lab, keyOf('alice', 'plain').lab)),
  kind: perhaps(fc.constantFrom(...EVENT_KINDS)),
  since: perhaps(anyTime),
  until: perhaps(anyTime),
  after: perhaps(fc.nat({ max: 30 }).map((count) => NOW + count)),
  newest: perhaps(fc.nat({ max: 10 })),
});

test('finds what a plain look through all of it finds', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), anyQuery, (events, query) => {
      database.exec('DELETE FROM events');
      database.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'events'").run(NOW);
      const kept = events.map((event) => ({ id: store.append(event), event }));
      const { after = 0, newest = Number.POSITIVE_INFINITY } = query;
      const found = kept.filter(({ id, event }) => id > after && isSelected(query, event));
      expect([...store.query(query)]).toEqual(found.slice(Math.max(0, found.length - newest)));
    }),
    { numRuns: 500 },
  );
});

test('reads long histories to the end, past entries that it does not understand, and no further than it began', () => {
  const ids = Array.from({ length: 1_234 }, (_, index) => store.append(eventAt(NOW + index)));
  database.exec("UPDATE events SET event = '{}' WHERE id % 2 = 0");
  const found: unknown[] = [];
  for (const { id } of store.query({})) {
    found.push(id);
    store.append(eventAt(NOW));
  }
  expect(found).toEqual(ids.filter((id) => id % 2 === 1));
});

describe('throws away', () => {
  test('what is older than it is kept for, and nothing else', () => {
    store.append(eventAt(NOW - KEPT_FOR - 1));
    const kept = [store.append(eventAt(NOW - KEPT_FOR)), store.append(eventAt(NOW))];
    expect(store.prune(NOW)).toBe(true);
    expect(idsOf()).toEqual(kept);
  });

  test('the oldest of too many, some thousand at a time', () => {
    const tooMany = 4_500;
    database.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MOST_KEPT + tooMany})
      INSERT INTO events (at, user, lab, kind, event) SELECT ${NOW}, 'alice', 'k3s', 'found', '' FROM n`);
    const first = NOW + 1;
    const oldest = () => database.prepare('SELECT min(id) AS id FROM events').get()?.id;
    expect(store.prune(NOW)).toBe(false);
    expect(oldest()).toBe(first + 2_000);
    expect(store.prune(NOW)).toBe(false);
    expect(store.prune(NOW)).toBe(true);
    expect(oldest()).toBe(first + tooMany);
    expect(store.prune(NOW)).toBe(true);
    expect(oldest()).toBe(first + tooMany);
  });
});
