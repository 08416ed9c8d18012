import { posix } from 'node:path';
import type { ContainerEntry, UnixOwner } from '../../../docker-engine/container-entries.ts';
import { type PathStat, pathStat } from '../../../docker-engine/path-stat.ts';
import type { FactoryError } from '../../../errors/factory-error.ts';
import { homeOf } from '../container-spec.ts';
import { FACTORY_FOLDER } from '../sessions/sshd-config.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';
import { unixUsers } from './unix-users.ts';

/** A file that somebody wants in a container, by names. */
export interface WantedFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
  /** Undefined: `user` in their home, else root. */
  readonly owner: string | undefined;
}

export interface Placement {
  /** The Unix user of the sessions. */
  readonly user: string;
  /** Whether a file of the home that is there already stays. */
  readonly keepsHome: boolean;
  /** For what cannot be; `problem` completes "the file /a/b …". */
  readonly refuse: (path: string, problem: string) => FactoryError;
}

/**
 * These files with the folders that are missing above them, as the container takes them. Below the home all is the user's, and
 * a link there that leads out of it is refused, or with `keepsHome` left alone with what was to lie behind it: a student may have
 * made it, and nothing of theirs shall become a file of the system.
 */
export async function placedFiles(
  objects: WorkspaceObjects,
  files: readonly WantedFile[],
  placement: Placement,
  signal: AbortSignal,
): Promise<readonly ContainerEntry[]> {
  if (files.length === 0) return [];
  const users = await unixUsers(objects, signal);
  const looks = new Map<string, Promise<PathStat | undefined>>();
  const look = (path: string) => {
    const known = looks.get(path);
    if (known !== undefined) return known;
    const look = pathStat(objects.engine, objects.names.container, path, signal);
    looks.set(path, look);
    return look;
  };
  const folders = new Map<string, ContainerEntry>();
  const placed: ContainerEntry[] = [];
  for (const file of files) {
    const site = new FileSite(file, placement, users);
    if (placement.keepsHome && site.isInHome && (await look(file.path)) !== undefined) continue;
    const above = await foldersAbove(site, look);
    if (above === 'elsewhere') {
      if (placement.keepsHome) continue;
      throw placement.refuse(file.path, 'would lie behind a link that leads out of the home');
    }
    for (const folder of above) folders.set(folder.path, folder);
    placed.push({ path: file.path, mode: file.mode, owner: site.owner, content: file.content });
  }
  return [...folders.values(), ...placed];
}

/** Where one file shall be, and whose it is there. */
class FileSite {
  readonly path: string;
  readonly home: string;
  readonly owner: UnixOwner;
  /** Of folders that are made below the home. */
  readonly homeOwner: UnixOwner | undefined;

  constructor(file: WantedFile, { user, refuse }: Placement, users: ReadonlyMap<string, UnixOwner>) {
    this.path = file.path;
    this.home = homeOf(user);
    if (!file.path.startsWith('/') || posix.resolve(file.path) !== file.path || file.path === '/')
      throw refuse(file.path, 'needs an absolute path without detours');
    if (isWithin(file.path, FACTORY_FOLDER)) throw refuse(file.path, "would be one of the factory's own");
    const name = file.owner ?? (this.isInHome ? user : 'root');
    const owner = name === 'root' ? { uid: 0, gid: 0 } : users.get(name);
    if (owner === undefined) throw refuse(file.path, `shall belong to ${name}, whom the image does not have`);
    this.owner = owner;
    this.homeOwner = users.get(user);
  }

  get isInHome(): boolean {
    return isWithin(this.path, this.home) && this.path !== this.home;
  }

  isBelowHome(folder: string): boolean {
    return this.isInHome && isWithin(folder, this.home) && folder !== this.home;
  }
}

/** Those that are missing, from the top; 'elsewhere': one below the home is a link out of it. */
async function foldersAbove(
  site: FileSite,
  look: (path: string) => Promise<PathStat | undefined>,
): Promise<readonly ContainerEntry[] | 'elsewhere'> {
  const missing: ContainerEntry[] = [];
  for (const path of ancestors(site.path)) {
    const found = await look(path);
    const isBelowHome = site.isBelowHome(path);
    if (found === undefined) {
      const owner = isBelowHome ? site.homeOwner : undefined;
      missing.push({ path, mode: 0o755, content: undefined, ...(owner && { owner }) });
    } else if (isBelowHome && found.linkTarget !== '' && !isWithin(found.linkTarget, site.home)) {
      return 'elsewhere';
    }
  }
  return missing;
}

/** "/a", "/a/b" of "/a/b/c" */
function ancestors(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === '/' ? [] : [...ancestors(parent), parent];
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
