import { describe, expect, test } from 'vitest';
import { LONGEST_PIN, readOrder } from './workspace-request.ts';

const NOW = Date.parse('2026-11-28T10:00:00Z');
const HOUR = 3_600_000;

function read(command: string, body: unknown = {}, user = 'alice', lab = 'k3s') {
  return readOrder(
    { user, lab, command },
    typeof body === 'object' ? { by: 'operator', ...body } : body,
    NOW,
  );
}

describe('an order to a workspace', () => {
  test.each([
    ['suspend', {}, { kind: 'suspend', endSessions: false }],
    ['stop', { end_sessions: true }, { kind: 'stop', endSessions: true }],
    ['start', {}, { kind: 'start' }],
    ['reset', {}, { kind: 'reset', part: 'cluster' }],
    ['reset', { part: 'container' }, { kind: 'reset', part: 'container' }],
    ['delete', {}, { kind: 'delete', home: false, endSessions: false }],
    ['delete', { home: true, end_sessions: true }, { kind: 'delete', home: true, endSessions: true }],
    ['pin', { for_ms: HOUR }, { kind: 'pin', until: NOW + HOUR }],
    ['pin', { until: '2026-11-28T12:00:00+01:00' }, { kind: 'pin', until: NOW + HOUR }],
    ['unpin', {}, { kind: 'unpin' }],
  ])('%s with %j', (command, body, expected) => {
    expect(read(command, body)).toEqual({
      key: { user: 'alice', lab: 'k3s' },
      command: expected,
      by: 'operator',
    });
  });

  test.each([
    ['of no known kind', 'purge', {}],
    ['without a name of who gives it', 'start', { by: undefined }],
    ['with control characters in that', 'start', { by: 'op\u001b[2J' }],
    ['with an unknown key', 'suspend', { force: true }],
    ['with a key of another command', 'start', { home: true }],
    ['for no such part', 'reset', { part: 'home' }],
    ['to pin without an end', 'pin', {}],
    ['to pin with two ends', 'pin', { for_ms: HOUR, until: '2026-11-28T12:00:00Z' }],
    ['to pin until what is past', 'pin', { until: '2026-11-28T09:00:00Z' }],
    ['to pin for ever', 'pin', { for_ms: LONGEST_PIN + 1 }],
    ['whose body is a text', 'start', 'now'],
  ])('is refused when it is %s', (_what, command, body) => {
    expect(read(command, body)).toEqual({ mistake: expect.stringMatching(/./) });
  });

  test.each([
    ['alice', '../k3s'],
    ['al ice', 'k3s'],
    ['', 'k3s'],
    ['alice', ''],
  ])('is refused for the workspace %j/%j', (user, lab) => {
    expect(read('start', {}, user, lab)).toEqual({ mistake: expect.stringMatching(/./) });
  });
});
