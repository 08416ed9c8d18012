import { resolve } from 'node:path';
import { z } from 'zod';
import type { HooksConfig } from '../factory-config.ts';
import { duration, network, path } from '../values.ts';

const addressRange = network('10.0.0.0/8 or fd00::/8');

/** `hooks` in factory.yaml. */
export const hooksSection = z
  .strictObject({
    private_addresses: z.array(addressRange).default([]).meta({
      description:
        "Networks that labs' hooks may call although they are not public: an own receiver at 10.0.0.5, or at 127.0.0.1.",
    }),
    give_up_after: duration.prefault('3d').meta({
      description: 'How long a hook whose receiver does not take it is tried again.',
    }),
    ca: path.optional().meta({
      description:
        'A file with certificates (PEM) that receivers may have, besides those of the public authorities.',
    }),
  })
  .prefault({})
  .meta({ description: 'The HTTP calls that labs ask for.' });

/** `folder`: what its path is relative to. */
export function toHooksConfig(section: z.output<typeof hooksSection>, folder: string): HooksConfig {
  return {
    privateAddresses: section.private_addresses,
    giveUpAfter: section.give_up_after,
    ca: section.ca === undefined ? undefined : resolve(folder, section.ca),
  };
}
