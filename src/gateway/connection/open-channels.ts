import type { Connection } from 'ssh2';
import { ChannelSlots } from '../channels/channel-slots.ts';
import { refusal } from '../channels/refusal.ts';
import { acceptSessions, type ServeSession } from '../channels/sessions.ts';
import { refuseForwards } from '../forwards/refused-forwards.ts';
import type { Admission } from './admission.ts';
import { LabChooser } from './lab-chooser.ts';
import type { OpenConnection } from './open-connection.ts';
import { serveWorkspace } from './serve-workspace.ts';

/** Sessions over the limit that may be open at a time just to be told so. */
const SPARE_SESSIONS = 16;

/** From now on the connection's channels are served, and the lease is held until its end. */
export function openChannels(
  connection: Connection,
  admission: Admission,
  connectionToOpen: Omit<OpenConnection, 'slots'>,
): void {
  const limit = connectionToOpen.services.limits.channelsPerConnection;
  const slots = new ChannelSlots(limit);
  const open: OpenConnection = { ...connectionToOpen, slots };
  const serve = serverOf(connection, admission, open);
  if (serve === undefined) return;
  acceptSessions(connection, {
    slots,
    signal: open.lifetime.signal,
    spareSlots: new ChannelSlots(SPARE_SESSIONS),
    serveBeyondLimit: refusal(`This connection has ${limit} channels open, which is as many as it may have.`),
    serve,
    knowsEow: open.knowsEow,
  });
}

function serverOf(
  connection: Connection,
  admission: Admission,
  open: OpenConnection,
): ServeSession | undefined {
  switch (admission.kind) {
    case 'refused':
      refuseForwards(connection, 'you have no lab here');
      return refusal(admission.message);
    case 'admitted':
      return serveWorkspace(connection, admission, open);
    case 'undecided': {
      const chooser = new LabChooser(connection, admission, open);
      return (channel, request) => chooser.serve(channel, request);
    }
  }
}
