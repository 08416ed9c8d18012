import { join } from 'node:path';

/** Where in the data folder the route file is, which Traefik watches. */
export function routesFolder(data: string): string {
  return join(data, 'routes');
}

/** Where the files of the own name's certificate are for Traefik; the folder around it is for nothing else. */
export function ownCertificateFolder(data: string): string {
  return join(data, 'own-certificate', 'for-traefik');
}

/** Where Traefik keeps what an ACME server gave it for the own name; the folder around it is for nothing else. */
export function ownAcmeFolder(data: string): string {
  return join(data, 'own-acme', 'for-traefik');
}
