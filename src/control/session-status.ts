import { z } from 'zod';
import { idleSince } from '../workspaces/sessions/session-idle.ts';
import type { OpenSession } from '../workspaces/workspace-access.ts';

const time = z.iso.datetime();

export const sessionSchema = z.object({
  /** "192.0.2.7:50122" */
  address: z.string(),
  /** What people call the client: "OpenSSH", "VS Code", "sftp". */
  client: z.string(),
  /** The client's identification, RFC 4253 §4.2. */
  program: z.string(),
  since: time,
  /** When the client last sent something for one of its channels. */
  last_input: time,
  /** The same where that is so long ago that the session counts as idle; null: it does not. */
  idle_since: time.nullable(),
  /** That are open: shells, commands, subsystems and forwards. */
  channels: z.int(),
  /** How many of them are forwards. */
  forwards: z.int(),
  /** When the session is ended if nothing changes; null: no rule of the lab ends it. */
  ends_at: time.nullable(),
});

export type SessionStatus = z.output<typeof sessionSchema>;

/** A session in the words of the status. `now`: ms since the epoch. */
export function sessionStatus(session: OpenSession, now: number): SessionStatus {
  const { holder, client, since, lastInput, channels, endsAt } = session;
  const idle = idleSince(session, now);
  return {
    address: holder.clientAddress,
    client,
    program: holder.clientProgram,
    since: iso(since),
    last_input: iso(lastInput),
    idle_since: idle === undefined ? null : iso(idle),
    channels: channels.size,
    forwards: [...channels].filter(({ kind }) => kind === 'forward').length,
    ends_at: endsAt === undefined ? null : iso(endsAt),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
