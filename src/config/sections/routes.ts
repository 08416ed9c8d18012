import { z } from 'zod';
import { LABEL, network } from '../values.ts';

/** `routes.reserved` in factory.yaml. */
export const reservedNames = z
  .array(
    z.string().regex(new RegExp(`^${LABEL}$`), {
      error: 'must be one label of lower-case letters, digits and hyphens, such as www',
    }),
  )
  .default([])
  .meta({
    description:
      'Names right below the domain that are for something else, such as www: no workspace gets one of them.',
  });

/** `routes.trusted_proxies` in factory.yaml. */
export const trustedProxies = z.array(network('10.0.0.0/8 or 192.0.2.7/32')).default([]).meta({
  description:
    "Load balancers of your own in front of the routes: what they say of the client's address (X-Forwarded-For, PROXY protocol) is believed.",
});
