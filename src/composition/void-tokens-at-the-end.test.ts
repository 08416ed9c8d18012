import { expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { eventAt, keyOf } from '../history/testing/some-event.ts';
import { createLogger } from '../logging/logger.ts';
import type { Revocation } from '../tokens/revocation.ts';
import type { WorkspaceEvent } from '../workspaces/ports/events.ts';
import { voidTokensAtTheEnd } from './void-tokens-at-the-end.ts';

const ALICE = keyOf('alice', 'k3s');
const about = {
  at: 1,
  key: ALICE,
  client: '192.0.2.7:50122',
  session: 's1',
  program: 'OpenSSH',
  ms: 5,
  reason: 'closed',
} as const;
const END: WorkspaceEvent = { ...about, kind: 'session_ended', last: false };
const LAST_END: WorkspaceEvent = { ...about, kind: 'session_ended', last: true };

test('the end of the last session alone makes tokens void, and every event goes on', () => {
  const told: WorkspaceEvent[] = [];
  const revoked: Revocation[] = [];
  const events = voidTokensAtTheEnd(
    { emit: (event) => void told.push(event) },
    { revoke: async (revocation) => void revoked.push(revocation) },
    createLogger('silent', []),
  );
  const before = [eventAt(0, ALICE), END];
  for (const event of before) events.emit(event);
  expect(revoked).toEqual([]);
  events.emit(LAST_END);
  expect(revoked).toEqual([{ kind: 'workspace', key: ALICE }]);
  expect(told).toEqual([...before, LAST_END]);
});

test('a disk that is full is a line in the log', async () => {
  const log: string[] = [];
  const failed = Promise.reject(new FactoryError('TOKEN_KEYS_UNUSABLE', 'The disk is full.'));
  const events = voidTokensAtTheEnd(
    { emit: () => {} },
    { revoke: () => failed },
    createLogger('warn', [{ write: (line) => void log.push(line) }]),
  );
  events.emit(LAST_END);
  await failed.catch(() => undefined);
  await Promise.resolve();
  expect(log.join('')).toContain('alice/k3s');
});
