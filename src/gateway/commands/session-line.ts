import { counted } from '../../words/amounts.ts';
import { inWords } from '../../words/time-span.ts';
import { idleSince } from '../../workspaces/sessions/session-idle.ts';
import type { OpenSession } from '../../workspaces/workspace-access.ts';

/** "VS Code from 192.0.2.7:50122, connected for 3 h, idle for 12 min, 2 channels, 1 of them a forward, ends in 40 min" */
export function sessionLine(session: OpenSession, now: number): string {
  const { client, holder, since, channels, endsAt } = session;
  const idle = idleSince(session, now);
  const forwards = [...channels].filter(({ kind }) => kind === 'forward').length;
  return [
    `${client} from ${holder.clientAddress}`,
    `connected for ${inWords(now - since)}`,
    ...(idle === undefined ? [] : [`idle for ${inWords(now - idle)}`]),
    counted(channels.size, 'channel') + (forwards === 0 ? '' : ` (${counted(forwards, 'forward')})`),
    ...(endsAt === undefined ? [] : [`ends in ${inWords(endsAt - now)}`]),
  ].join(', ');
}
