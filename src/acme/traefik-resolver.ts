import type { AcmeAuthority } from './acme-authority.ts';

/** Traefik's own choice, RSA of 4096 bits, takes 0.5 to 1.8 s of a core to make (openssl, five keys); this takes milliseconds. */
const KEY_TYPE = 'EC256';

const HOUR = 3_600_000;

export interface TraefikResolver {
  readonly name: string;
  /** The file for its account and certificates, as Traefik sees it. */
  readonly storage: string;
  /** How it answers: "tlschallenge=true". */
  readonly challenge: string;
}

/** Options of a Traefik (v2, v3) that give it a certificate resolver for this authority (https://doc.traefik.io/traefik/https/acme/). */
export function resolverOptions(
  { directory, email, lifetime }: Pick<AcmeAuthority, 'directory' | 'email' | 'lifetime'>,
  { name, storage, challenge }: TraefikResolver,
): readonly string[] {
  const prefix = `--certificatesresolvers.${name}.acme.`;
  return [
    `${prefix}caserver=${directory}`,
    ...(email === undefined ? [] : [`${prefix}email=${email}`]),
    `${prefix}keytype=${KEY_TYPE}`,
    `${prefix}storage=${storage}`,
    `${prefix}certificatesduration=${lifetime / HOUR}`,
    `${prefix}${challenge}`,
  ];
}
