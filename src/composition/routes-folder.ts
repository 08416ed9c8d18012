import { join } from 'node:path';

/** Where in the data folder the route file is, which Traefik watches. */
export function routesFolder(data: string): string {
  return join(data, 'routes');
}
