import { z } from 'zod';
import type { SshLimitsConfig } from '../factory-config.ts';
import { duration } from '../values.ts';

/** A login that takes longer than a key source may is nobody's; one that never has to end is an attacker's. */
const SHORTEST_GRACE = 1_000;
const LONGEST_GRACE = 600_000;

const loginGrace = duration.refine((ms) => ms >= SHORTEST_GRACE && ms <= LONGEST_GRACE, {
  error: 'must be from 1s to 10m',
});

const count = (most: number, usual: number, description: string) =>
  z.int().min(1).max(most).default(usual).meta({ description });

/** `ssh.limits` in factory.yaml. */
export const sshLimitsSection = z
  .strictObject({
    unauthenticated: count(
      10_000,
      256,
      'Connections that have not logged in yet, all together. One more ends the oldest of the address that has the most.',
    ),
    login_grace: loginGrace
      .prefault('60s')
      .meta({ description: 'How long a login may take, from the TCP connection on.' }),
    auth_tries: count(1_000, 20, 'Signatures that may be wrong on one connection.'),
    channels: count(10_000, 256, 'Sessions and forwards that one connection may have open.'),
    connections_per_user: count(10_000, 64, 'Connections that one user may have open.'),
  })
  .prefault({})
  .meta({ description: 'What clients may have of the gateway.' });

export function toSshLimits(section: z.output<typeof sshLimitsSection>): SshLimitsConfig {
  return {
    unauthenticated: section.unauthenticated,
    loginGrace: section.login_grace,
    authTries: section.auth_tries,
    channels: section.channels,
    connectionsPerUser: section.connections_per_user,
  };
}
