import { expect, test } from 'vitest';
import type { SessionStatus } from '../../control/session-status.ts';
import { sessionsCell, sessionText } from './session-text.ts';

const NOW = Date.parse('2026-11-28T10:00:00Z');

const busy: SessionStatus = {
  address: '192.0.2.7:50122',
  client: 'OpenSSH',
  program: 'SSH-2.0-OpenSSH_9.2p1',
  since: '2026-11-28T07:00:00.000Z',
  last_input: '2026-11-28T09:59:57.000Z',
  idle_since: null,
  channels: 1,
  forwards: 0,
  ends_at: null,
};
const idle: SessionStatus = {
  ...busy,
  client: 'VS Code',
  last_input: '2026-11-28T09:48:00.000Z',
  idle_since: '2026-11-28T09:48:00.000Z',
  channels: 3,
  forwards: 2,
  ends_at: '2026-11-28T10:40:00.000Z',
};

test('who is connected, and who is but idle', () => {
  expect(sessionText(busy, NOW)).toBe(
    '192.0.2.7:50122, OpenSSH, connected for 3 h, last input 3 s ago, 1 channel',
  );
  expect(sessionText(idle, NOW)).toBe(
    '192.0.2.7:50122, VS Code, connected for 3 h, idle for 12 min, 3 channels (2 forwards), ends in 40 min',
  );
  expect([[], [busy], [busy, idle], [idle]].map(sessionsCell)).toEqual([
    '0',
    '1',
    '2 (1 idle)',
    '1 (1 idle)',
  ]);
});
