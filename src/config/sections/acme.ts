import { resolve } from 'node:path';
import { z } from 'zod';
import { duration, path } from '../values.ts';

/** The certificate authority that every lab is set up for, and the factory's own names too where they ask for one. */
export interface AcmeConfig {
  /** URL of its directory (RFC 8555 §7.1.1). */
  readonly directory: string;
  /** A PEM file, absolute: whose certificates labs trust besides the public ones. Undefined: the public ones are enough. */
  readonly root: string | undefined;
  /** Whom the authority may write to; undefined: nobody. */
  readonly email: string | undefined;
  /** How long its certificates hold: when to order the next follows from it; ms. */
  readonly lifetime: number;
}

export const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';

const directory = z
  .url({
    protocol: /^https$/,
    error: 'must be an https:// URL such as https://ca.example.org/dir',
    abort: true,
  })
  .refine((text) => !/[\s"'`\\$]/.test(text), { error: 'must have no quotes, spaces or $ in it' })
  .transform((text) => new URL(text).href);

const HOUR = 3_600_000;
const lifetime = duration.refine((ms) => ms >= HOUR && ms % HOUR === 0, {
  error: 'must be whole hours, such as 24h or 90d',
});

/** `acme` in factory.yaml. */
export const acmeSection = z
  .strictObject({
    directory: directory.default(LETS_ENCRYPT).meta({
      description:
        "The directory of the ACME server that labs are set up for. Let's Encrypt gives out 50 certificates a domain and week; a class takes its staging directory, or an authority of its own.",
    }),
    root: path.optional().meta({
      description:
        'A file with the certificate of that authority (PEM), which labs then trust. Absent: one that everybody trusts already.',
    }),
    email: z.email({ error: 'must be an e-mail address' }).optional().meta({
      description:
        'Where the authority may write to. With it a cluster keeps one account; without, Traefik makes another one after each start.',
    }),
    lifetime: lifetime.prefault('90d').meta({
      description:
        "How long this authority's certificates hold, in whole hours: when the next is ordered follows from it.",
    }),
  })
  .prefault({})
  .meta({ description: 'Where certificates come from.' });

/** `folder`: what its path is relative to. */
export function toAcmeConfig(section: z.output<typeof acmeSection>, folder: string): AcmeConfig {
  return {
    directory: section.directory,
    root: section.root === undefined ? undefined : resolve(folder, section.root),
    email: section.email,
    lifetime: section.lifetime,
  };
}
