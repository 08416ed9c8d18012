import { join } from 'node:path';

/** Where in the data folder k3d's home and the records of creations are. */
export function clustersFolder(data: string): string {
  return join(data, 'clusters');
}
