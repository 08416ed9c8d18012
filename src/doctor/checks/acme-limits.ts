import type { FactoryConfig } from '../../config/factory-config.ts';
import { LETS_ENCRYPT } from '../../config/sections/acme.ts';
import { type Check, MOMENT } from '../check.ts';
import { doubtful, type Judgement, right } from '../judgement.ts';
import type { PublicSite } from '../outside/public-site.ts';

/** Certificates for a registered domain and week (letsencrypt.org/docs/rate-limits, "New Certificates per Registered Domain"). */
export const CERTIFICATES_A_WEEK = 50;
/**
 * New accounts from one address in three hours (the same page, "New Registrations per IP Address"). Every cluster has an account of its own,
 * and a second one where its second resolver is used.
 */
export const ACCOUNTS_AT_ONCE = 10;

const STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory';

/** Whether a class gets a certificate each. */
export const acmeLimits: Check<PublicSite> = {
  needs: 'nothing',
  limit: MOMENT,
  look: async ({ config }) => judgeLimits(config),
};

export function judgeLimits({ acme, groups }: Pick<FactoryConfig, 'acme' | 'groups'>): Judgement {
  const { hostname } = new URL(acme.directory);
  if (hostname !== new URL(LETS_ENCRYPT).hostname) return right(`${hostname} has limits of its own`);
  const members = new Set(groups.flatMap((group) => group.members));
  const named = [...members].filter((member) => member !== '*').length;
  const rule = `Let's Encrypt takes ${ACCOUNTS_AT_ONCE} new accounts from one address in three hours, and gives out ${CERTIFICATES_A_WEEK} certificates per registered domain and week`;
  if (named <= ACCOUNTS_AT_ONCE)
    return right(members.has('*') ? `${rule}; groups take in everybody (*)` : rule);
  return doubtful(
    `${rule}, and the groups have ${named} members`,
    `in the configuration: acme: { directory: ${STAGING} }   # for practice; browsers do not trust it`,
    'or acme: { directory: …, root: … } of an authority of your own',
  );
}
