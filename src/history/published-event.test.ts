import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import type { WorkspaceEvent } from '../workspaces/ports/events.ts';
import { EVENT_KINDS, eventSchema, recordedEventSchema } from './event-schema.ts';
import { parseEvent, toPublished, toRecorded } from './published-event.ts';
import { anyEvent } from './testing/any-event.ts';
import { eventAt, keyOf } from './testing/some-event.ts';

test('every event is the same after it was written and read', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyEvent, (event) => {
      seen.add(event.kind);
      const published = toPublished(event);
      // Nothing is told that the published form does not name.
      expect(eventSchema.parse(published)).toEqual(published);
      expect(parseEvent(JSON.stringify(published))).toEqual(event);
    }),
    { numRuns: 1_000 },
  );
  expect([...seen].sort()).toEqual([...EVENT_KINDS].sort());
});

test('is told with its id, in snake case and ISO times', () => {
  const recorded = toRecorded({
    id: 7,
    event: { ...eventAt(0), kind: 'deletion_ahead', deleteAt: 86_400_000 },
  });
  expect(JSON.parse(JSON.stringify(recordedEventSchema.parse(recorded)))).toEqual({
    id: 7,
    at: '1970-01-01T00:00:00.000Z',
    user: 'alice',
    lab: 'k3s',
    kind: 'deletion_ahead',
    delete_at: '1970-01-02T00:00:00.000Z',
  });
  expect(toRecorded({ id: undefined, event: eventAt(0) }).id).toBeNull();
});

test('of a whole error only what is said of it is published', () => {
  const error = new FactoryError('CLUSTER_FAILED', 'No cluster.', { detail: 'internal', cause: 'why' });
  const event: WorkspaceEvent = {
    at: 5,
    key: keyOf('alice', 'k3s'),
    kind: 'step_failed',
    part: 'cluster',
    action: 'create',
    from: 'absent',
    ms: 3,
    cause: { kind: 'memory_pressure' },
    error,
    retryAt: 9,
  };
  expect(toPublished(event)).toMatchObject({
    error: { id: error.id, code: 'CLUSTER_FAILED', message: 'No cluster.' },
  });
  expect(JSON.stringify(toPublished(event))).not.toMatch(/internal|why/);
});

test.each([
  ['text', 'x'],
  ['a kind of a newer factory', JSON.stringify({ ...toPublished(eventAt(1)), kind: 'sung' })],
  ['names that are none', JSON.stringify({ ...toPublished(eventAt(1)), user: '../etc' })],
  ['half an event', JSON.stringify(toPublished(eventAt(1))).slice(0, 30)],
])('%s is no event', (_what, written) => {
  expect(parseEvent(written)).toBeUndefined();
});
