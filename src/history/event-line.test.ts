import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WorkspaceEvent } from '../workspaces/ports/events.ts';
import { eventLine } from './event-line.ts';
import { toRecorded } from './published-event.ts';
import { anyEvent } from './testing/any-event.ts';
import { keyOf } from './testing/some-event.ts';

// In the time zone of whoever runs the test.
const NOW = new Date(2026, 10, 28, 10, 42, 7).getTime();
const about = { at: NOW, key: keyOf('alice', 'k3s') };
const client = { session: 's1', client: '192.0.2.7:50122', program: 'SSH-2.0-OpenSSH_9.2p1' };
const plain = (_format: unknown, text: string) => text;

function line(event: WorkspaceEvent, now = NOW): string {
  return eventLine(toRecorded({ id: 1, event }), now, plain);
}

test.each<[WorkspaceEvent, string]>([
  [
    {
      ...about,
      kind: 'step_done',
      part: 'cluster',
      action: 'suspend',
      from: 'running',
      to: 'suspended',
      ms: 42,
      cause: { kind: 'time', after: 'grace' },
    },
    'cluster    running → suspended  0.04 s  nobody there for the grace time',
  ],
  [
    {
      ...about,
      kind: 'step_done',
      part: 'container',
      action: 'create',
      from: 'absent',
      to: 'running',
      ms: 1_200,
      cause: { kind: 'session', client: '192.0.2.7:50122' },
    },
    'container  absent → running  1.20 s  for 192.0.2.7:50122',
  ],
  [
    {
      ...about,
      kind: 'step_done',
      part: 'cluster',
      action: 'connect',
      from: 'running',
      to: 'running',
      ms: 200,
      cause: { kind: 'pin', by: 'root' },
    },
    'cluster    connected  0.20 s  pinned by root',
  ],
  [
    {
      ...about,
      kind: 'step_failed',
      part: 'cluster',
      action: 'create',
      from: 'absent',
      ms: 30_000,
      cause: { kind: 'command', command: 'start', by: 'root' },
      error: { id: '3fa9c1d2', code: 'CLUSTER_FAILED', message: 'No cluster.' },
      retryAt: NOW + 5_000,
    },
    'cluster    could not be created (30.0 s, start, by root); again at 10:42:12: No cluster. (error 3fa9c1d2)',
  ],
  [{ ...about, kind: 'session_began', ...client }, 'session    began  192.0.2.7:50122  OpenSSH_9.2p1'],
  [
    { ...about, kind: 'session_ended', ...client, ms: 240_000, reason: 'lost', last: true },
    'session    ended after 4 min  192.0.2.7:50122  the client was lost; the last one',
  ],
  [
    { ...about, kind: 'session_ended', ...client, ms: 1_000, reason: 'closed', last: false },
    'session    ended after 1 s  192.0.2.7:50122  the client closed it; others are left',
  ],
  [
    { ...about, kind: 'found', part: 'container', from: undefined, to: 'suspended' },
    'container  found suspended',
  ],
  [
    { ...about, kind: 'found', part: 'cluster', from: 'running', to: 'stopped' },
    'cluster    found stopped, it was running',
  ],
  [
    { ...about, kind: 'commanded', command: { kind: 'delete', home: true, endSessions: true }, by: 'root' },
    'command    delete with the home, ending its sessions, by root',
  ],
  [
    { ...about, kind: 'commanded', command: { kind: 'pin', until: NOW + 60_000 }, by: 'root' },
    'command    pin until 10:43:07, by root',
  ],
  [
    { ...about, kind: 'commanded', command: { kind: 'reset', part: 'cluster' }, by: 'alice' },
    'command    reset of the cluster, by alice',
  ],
  [
    { ...about, kind: 'memory_pressure', availableBytes: 512 * 2 ** 20 },
    'host       short of memory, 512 MiB left: asleep for the longest, it is stopped',
  ],
  [
    { ...about, kind: 'hook', hook: 'cleanup', outcome: 'delivered', attempt: 1, ms: 40, delivery: 'msg_1' },
    'hook       cleanup delivered  0.04 s',
  ],
  [
    { ...about, kind: 'hook', hook: 'cleanup', outcome: 'failed', attempt: 3, ms: 2_000, delivery: 'msg_1' },
    'hook       cleanup not delivered, it is tried again  2.00 s, try 3',
  ],
  [
    { ...about, kind: 'deletion_ahead', deleteAt: NOW + 86_400_000 },
    'cluster    will be deleted at 2026-11-29 10:42:07 if nobody comes',
  ],
])('%j', (event, words) => {
  expect(line(event)).toBe(`10:42:07  alice/k3s       ${words}`);
});

test('of another day has its date', () => {
  const event: WorkspaceEvent = { ...about, kind: 'found', part: 'cluster', from: undefined, to: 'stopped' };
  expect(line(event, NOW + 86_400_000)).toMatch(/^2026-11-28 10:42:07 {2}alice\/k3s /);
});

test('every event is one line that no terminal obeys', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      expect(line(event)).not.toMatch(/\p{Cc}/u);
    }),
    { numRuns: 500 },
  );
});
