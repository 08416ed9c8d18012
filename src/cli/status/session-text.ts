import type { SessionStatus } from '../../control/session-status.ts';
import { counted } from '../../words/amounts.ts';
import { inWords } from '../../words/time-span.ts';

/** "3", "3 (1 idle)" */
export function sessionsCell(sessions: readonly SessionStatus[]): string {
  const idle = sessions.filter(({ idle_since: since }) => since !== null).length;
  return idle === 0 ? String(sessions.length) : `${sessions.length} (${idle} idle)`;
}

/** "192.0.2.7:50122, VS Code, connected for 3 h, idle for 12 min, 2 channels (1 forward), ends in 40 min" */
export function sessionText(session: SessionStatus, now: number): string {
  const { address, client, since, last_input: input, channels, forwards, ends_at: endsAt } = session;
  const silence = inWords(now - Date.parse(input));
  return [
    address,
    client,
    `connected for ${inWords(now - Date.parse(since))}`,
    session.idle_since === null ? `last input ${silence} ago` : `idle for ${silence}`,
    counted(channels, 'channel') + (forwards === 0 ? '' : ` (${counted(forwards, 'forward')})`),
    ...(endsAt === null ? [] : [`ends in ${inWords(Date.parse(endsAt) - now)}`]),
  ].join(', ');
}
