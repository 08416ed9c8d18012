import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkspaceKey } from '../../../../names/workspace-key.ts';
import { FACTORY_FOLDER } from '../sshd-config.ts';
import { makeNamedPipes, type NamedPipes } from './named-pipes.ts';

/** Where a container has its workspace's folder of named pipes. */
export const PIPES_TARGET = `${FACTORY_FOLDER}/pipes`;

/**
 * On this host, a folder of named pipes for each workspace (decision 0023). Its container has that one alone, and read-only: pipes in
 * it can be opened, and nothing can be put there.
 */
export class PipeFolders {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes the folder where it is missing: without it Docker starts no container that has it. Resolves with its path. */
  async ensure(key: WorkspaceKey): Promise<string> {
    const folder = this.#of(key);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** New ones, for one session. Rejects as `makeNamedPipes` does. */
  pipes(key: WorkspaceKey, signal: AbortSignal): Promise<NamedPipes> {
    return makeNamedPipes(this.#of(key), signal);
  }

  async remove(key: WorkspaceKey): Promise<void> {
    await rm(this.#of(key), { recursive: true, force: true });
  }

  /** Removes the pipes of a factory that was killed; the folders stay, as containers have them. */
  async sweep(): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    for (const folder of await readdir(this.#root)) {
      for (const pipe of await readdir(join(this.#root, folder))) await rm(join(this.#root, folder, pipe));
    }
  }

  /** A dot joins the parts because no part can hold one. */
  #of({ user, lab }: WorkspaceKey): string {
    return join(this.#root, `${user}.${lab}`);
  }
}
