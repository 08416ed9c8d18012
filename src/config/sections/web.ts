import { resolve } from 'node:path';
import { z } from 'zod';
import type { WebConfig } from '../factory-config.ts';
import { domain, type listen, path } from '../values.ts';

/** How the factory's own name is served over HTTPS. */
export type OwnTls =
  /** PEM files, absolute. */
  | { readonly kind: 'files'; readonly certificate: string; readonly key: string }
  /** By the authority of `acme`. */
  | { readonly kind: 'acme' };

const tls = z.union(
  [
    z.literal('acme'),
    z.strictObject({
      certificate: path.meta({ description: 'With those between it and its authority, PEM.' }),
      key: path.meta({ description: 'Its private key, PEM.' }),
    }),
  ],
  { error: 'must be acme, or have certificate and key' },
);

/** `web` in factory.yaml. */
export function webSection(listenField: z.ZodPrefault<typeof listen>) {
  return z
    .strictObject({
      listen: listenField,
      host: domain.optional().meta({
        description: 'The public name of the front page and the API. Absent: the domain itself.',
      }),
      tls: tls.optional().meta({
        description:
          'Its certificate: files, or `acme` for one from the authority of `acme`. Absent: it is served over HTTP alone.',
      }),
    })
    .prefault({});
}

type WebSection = z.output<ReturnType<typeof webSection>>;

/** `folder`: what its paths are relative to. */
export function toWebConfig(section: WebSection, domainName: string, folder: string): WebConfig {
  return {
    listen: section.listen,
    host: section.host ?? domainName,
    tls: section.tls === undefined ? undefined : toOwnTls(section.tls, folder),
  };
}

function toOwnTls(section: z.output<typeof tls>, folder: string): OwnTls {
  if (section === 'acme') return { kind: 'acme' };
  return {
    kind: 'files',
    certificate: resolve(folder, section.certificate),
    key: resolve(folder, section.key),
  };
}
