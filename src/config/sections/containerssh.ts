import { resolve } from 'node:path';
import { z } from 'zod';
import { variableName } from '../environment-values.ts';
import type { ListenAddress } from '../factory-config.ts';
import { isLoopback } from '../key-source-url.ts';
import { listen, path } from '../values.ts';

/** What a ContainerSSH in front of the factory may ask, and how it proves that it is the one. */
export interface ContainerSshConfig {
  readonly listen: ListenAddress;
  /** Undefined: the client certificate alone says who asks. */
  readonly secret: SecretSource | undefined;
  /** Undefined: plain HTTP, on the loopback only. */
  readonly tls: ContainerSshTls | undefined;
}

/** Where a secret is read from at the start. */
export type SecretSource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'env'; readonly name: string };

/** PEM files; absolute. */
export interface ContainerSshTls {
  readonly cert: string;
  readonly key: string;
  /** Who asks must have a certificate of this authority; undefined: needs none. */
  readonly clientCa: string | undefined;
}

const secret = z
  .strictObject({
    file: path.optional().meta({ description: 'A file with the secret alone in it.' }),
    env: variableName.optional().meta({ description: 'The environment variable that holds the secret.' }),
  })
  .refine(({ file, env }) => (file === undefined) !== (env === undefined), {
    error: 'must have exactly one of: file, env',
    abort: true,
  })
  .meta({
    minProperties: 1,
    maxProperties: 1,
    description: 'ContainerSSH gives it as the password in the URLs of its configuration.',
  });

const tls = z.strictObject({
  cert: path.meta({ description: "The server's certificate with those between it and its authority, PEM." }),
  key: path.meta({ description: 'Its private key, PEM.' }),
  client_ca: path.optional().meta({
    description: 'Who asks must show a certificate of this authority, PEM.',
  }),
});

/** For a ContainerSSH in front of the factory. */
export const containerSshSection = z
  .strictObject({
    listen: listen.meta({ description: "Where ContainerSSH's webhooks are answered; port 0 is a free one." }),
    secret: secret.optional(),
    tls: tls.optional().meta({ description: 'HTTPS, by TLS 1.2 and later. Absent: HTTP, on the loopback.' }),
  })
  .refine((section) => section.secret !== undefined || section.tls?.client_ca !== undefined, {
    error: 'must have secret or tls.client_ca: whoever may ask can come in as anybody',
    abort: true,
  })
  .refine((section) => section.tls !== undefined || isLoopback(section.listen.host), {
    error: 'must have tls, or listen on the loopback: what is said to it lets people in',
    abort: true,
  })
  .meta({
    description: 'The webhooks for a ContainerSSH in front of the factory. Absent: there are none.',
  });

/** Paths of `section` are relative to `folder`. */
export function toContainerSshConfig(
  section: z.output<typeof containerSshSection> | undefined,
  folder: string,
): ContainerSshConfig | undefined {
  if (section === undefined) return undefined;
  return {
    listen: section.listen,
    secret: section.secret && secretSource(section.secret, folder),
    tls: section.tls && {
      cert: resolve(folder, section.tls.cert),
      key: resolve(folder, section.tls.key),
      clientCa: section.tls.client_ca && resolve(folder, section.tls.client_ca),
    },
  };
}

function secretSource({ file, env = '' }: z.output<typeof secret>, folder: string): SecretSource {
  return file === undefined ? { kind: 'env', name: env } : { kind: 'file', file: resolve(folder, file) };
}
