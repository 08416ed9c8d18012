import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../logging/logger.ts';
import type { Username } from '../../names/username.ts';
import { parseAuthorizedKeys } from '../authorized-keys.ts';
import type { IdentitySource, Knowledge } from '../identity.ts';
import { unavailable } from '../unavailable.ts';

/**
 * Users and keys as `<folder>/<user>.keys`, in the authorized_keys format; read anew at each lookup. The case of a file's
 * name does not matter, as it does not in user names. A folder or file that is there and cannot be read is `unavailable`,
 * never `unknown`: a later source must not take over its users.
 */
export class KeyFilesSource implements IdentitySource {
  readonly name = 'key files';
  readonly credentials = ['public_key'] as const;
  readonly #folder: string;
  readonly #logger: Logger;
  /** What was last logged about a user's file: a broken line is told once, not with every login. */
  readonly #told = new Map<Username, string>();

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger.child({ source: this.name });
  }

  async lookup(user: Username, signal: AbortSignal): Promise<Knowledge> {
    signal.throwIfAborted();
    try {
      const [file, another] = await this.#filesOf(user);
      if (file === undefined) return { kind: 'unknown' };
      if (another !== undefined) throw new Error(`both ${file} and ${another} are there`);
      return await this.#read(user, file, signal);
    } catch (error) {
      signal.throwIfAborted();
      return unavailable(this.name, user, error, this.#logger);
    }
  }

  async #filesOf(user: Username): Promise<string[]> {
    const names = await readdir(this.#folder);
    return names.filter((name) => name.toLowerCase() === `${user}.keys`);
  }

  async #read(user: Username, file: string, signal: AbortSignal): Promise<Knowledge> {
    const text = await readFile(join(this.#folder, file), { encoding: 'utf8', signal });
    const { keys, unusable, unreadable } = parseAuthorizedKeys(text);
    this.#tellOnce(user, file, { unusable, unreadableLines: unreadable });
    const editHint = 'They are changed by the operator of this factory.';
    return { kind: 'known', source: 'this factory', editHint, keys, keysArePublic: false };
  }

  #tellOnce(
    user: Username,
    file: string,
    found: { readonly unusable: readonly object[]; readonly unreadableLines: readonly number[] },
  ): void {
    if (found.unusable.length + found.unreadableLines.length === 0) {
      this.#told.delete(user);
      return;
    }
    const text = JSON.stringify(found);
    if (this.#told.get(user) === text) return;
    this.#told.set(user, text);
    this.#logger.warn({ user, file, ...found }, 'lines of a key file were passed over');
  }
}
