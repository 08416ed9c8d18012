import type { ClientInfo, Connection } from 'ssh2';
import type { Logger } from '../../logging/logger.ts';
import { HostKeyProofs, type ProvableKey } from '../keys/host-key-proofs.ts';
import type { ConnectionLifetime } from './connection-lifetime.ts';

/** They end the connection when they hear of it: Tera Term before 4.88 (2015), and Cisco's. */
const CANNOT_BEAR_IT = /^(?:TeraTerm SSH|TTSSH\/(?:1\.|2\.(?:[1-6]|7[0-2]))|Cisco-1\.)/;

interface Announcement {
  readonly keys: readonly ProvableKey[];
  readonly lifetime: ConnectionLifetime;
  readonly logger: Logger;
}

/**
 * Tells a client, once it has logged in, all host keys, and proves those that it does not know yet: it remembers them, and forgets
 * those that are gone (OpenSSH's PROTOCOL §2.5).
 */
export function announceHostKeys(
  connection: Connection,
  { header }: ClientInfo,
  { keys, lifetime, logger }: Announcement,
): void {
  if (keys.length === 0) return;
  if (CANNOT_BEAR_IT.test(header.versions.software)) return;
  let hostKeyAlgorithm: string | undefined;
  connection.on('handshake', ({ serverHostKey }) => {
    hostKeyAlgorithm = serverHostKey;
  });
  connection.once('ready', () => {
    const proofs = new HostKeyProofs(keys, connection.sessionId, hostKeyAlgorithm);
    connection.on('hostKeysProve', (request, answer) => {
      void proofs.prove(request).then(
        (proof) => reply(proof),
        (error: unknown) => {
          logger.error({ err: error }, 'a host key could not be proven');
          reply(undefined);
        },
      );
      const reply = (proof: Buffer | undefined) => {
        if (!lifetime.signal.aborted) answer(proof);
      };
    });
    connection.announceHostKeys(keys.map(({ blob }) => blob));
  });
}
