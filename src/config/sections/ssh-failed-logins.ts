import { z } from 'zod';
import type { FailedLoginsConfig } from '../factory-config.ts';
import { duration, network } from '../values.ts';

const MOST = 1_000_000;
const LONGEST = 24 * 3_600_000;
const time = duration.refine((ms) => ms >= 1_000 && ms <= LONGEST, { error: 'must be from 1s to 24h' });

/** Without it, a forward of the host's own, behind which everybody has one address, would be closed for all. */
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** `ssh.failed_logins` in factory.yaml. */
export const failedLoginsSection = z
  .strictObject({
    within: time.prefault('10m').meta({ description: 'Failures of one address are counted for so long.' }),
    slow_after: z.int().min(0).max(MOST).default(30).meta({
      description: 'After so many of them refusals come later and later; 0: never.',
    }),
    close_after: z.int().min(0).max(MOST).default(100).meta({
      description: 'After so many the address is closed out; 0: never.',
    }),
    closed_for: time.prefault('30s').meta({
      description: 'For so long at first, and twice as long each time after that,',
    }),
    longest: time.prefault('10m').meta({ description: 'but never longer.' }),
    exempt: z.array(network('10.0.0.0/8 or 192.0.2.7/32')).default(LOOPBACK).meta({
      description: 'Networks in which logins may fail as often as they like.',
    }),
  })
  .prefault({})
  .meta({ description: 'Who fails to log in again and again. IPv6 addresses count by their /64.' });

export function toFailedLogins({
  slow_after: slowAfter,
  close_after: closeAfter,
  closed_for: closedFor,
  ...rest
}: z.output<typeof failedLoginsSection>): FailedLoginsConfig {
  return { ...rest, slowAfter, closeAfter, closedFor };
}
