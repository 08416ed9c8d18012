import { randomBytes } from 'node:crypto';
import type { Client } from 'ssh2';
import type { Logger } from '../../logging/logger.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Clock } from '../../time/clock.ts';
import { ChannelSlots } from '../channels/channel-slots.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import type { InnerConnection } from '../inner/inner-connection.ts';
import { doorStream } from './door-stream.ts';
import type { LabDoor } from './lab-door.ts';

export interface DoorOptions {
  readonly key: WorkspaceKey;
  readonly door: LabDoor;
  readonly limits: Pick<GatewayLimits, 'doorChannels' | 'doorSilence'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Asks the container's sshd for a Unix socket (streamlocal-forward@openssh.com, OpenSSH's PROTOCOL §2.4), and hands each
 * connection that is made to it to the door, until the inner connection is over. Nobody waits for it, and who has forbidden
 * it in their sshd has no door. Returns the socket's path.
 */
export function openDoor(inner: InnerConnection, { key, door, limits, clock, logger }: DoorOptions): string {
  const path = `${door.folder}/${randomBytes(8).toString('hex')}.sock`;
  const slots = new ChannelSlots(limits.doorChannels);
  inner.client.on('unix connection', ({ socketPath }, accept, reject) => {
    // Others are the student's own forwards.
    if (socketPath !== path) return;
    const freeSlot = slots.take();
    if (freeSlot === undefined) return reject();
    const silence = limits.doorSilence;
    door.connect(key, doorStream(accept(), { inner, silence, clock, onEnd: freeSlot }));
  });
  ask(inner.client, path, logger);
  return path;
}

function ask(client: Client, path: string, logger: Logger): void {
  try {
    client.openssh_forwardInStreamLocal(path, (error) => {
      if (error) logger.debug({ err: error }, 'the container has no door');
    });
  } catch (error) {
    logger.debug({ err: error }, 'the container has no door');
  }
}
