import { createHash } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AcmeAuthority, lifetimeInHours } from '../acme/acme-authority.ts';
import { makeFolder } from '../data-folder/make-folder.ts';
import { writeDurably } from '../data-folder/write-durably.ts';
import type { OwnAcme } from './traefik-options.ts';

/**
 * A folder in which Traefik keeps its account and the certificate of the factory's own name, over the life of its container, and
 * the authority's root. Another directory begins another file: the certificate of a staging authority would be used until its end
 * otherwise. Traefik is root in its container without a right to other users' files, so everybody may write to the folder, and the
 * one around it is for its owner alone.
 */
export async function prepareOwnAcme(authority: AcmeAuthority, folder: string): Promise<OwnAcme> {
  const { directory, email, root } = authority;
  await makeFolder(folder);
  await chmod(dirname(folder), 0o700);
  await chmod(folder, 0o777);
  const rootFile = root === undefined ? undefined : `root-${digestOf(root)}.pem`;
  if (rootFile !== undefined) await writeDurably(join(folder, rootFile), root ?? '', 0o644);
  return {
    directory,
    email,
    folder,
    storage: `${digestOf(directory)}.json`,
    hours: lifetimeInHours(authority),
    root: rootFile,
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
