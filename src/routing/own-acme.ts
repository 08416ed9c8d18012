import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AcmeAuthority } from '../acme/acme-authority.ts';
import { writeDurably } from '../data-folder/write-durably.ts';
import { makeFolderForTraefik } from './folder-for-traefik.ts';
import type { OwnAcme } from './traefik-options.ts';

/**
 * A folder in which Traefik keeps its account and the certificate of the factory's own name, over the life of its container, and
 * the authority's root. Another directory begins another file: the certificate of a staging authority would be used until its end
 * otherwise.
 */
export async function prepareOwnAcme(authority: AcmeAuthority, folder: string): Promise<OwnAcme> {
  const { directory, root } = authority;
  await makeFolderForTraefik(folder, 'write');
  const rootFile = root === undefined ? undefined : `root-${digestOf(root)}.pem`;
  if (rootFile !== undefined) await writeDurably(join(folder, rootFile), root ?? '', 0o644);
  return { authority, folder, storage: `${digestOf(directory)}.json`, root: rootFile };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
