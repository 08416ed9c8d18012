import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { isMissing } from '../../errors/system-refusal.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Username } from '../../names/username.ts';
import type { Clock } from '../../time/clock.ts';
import { wait } from '../../time/wait.ts';
import { parseAuthorizedKeys } from '../authorized-keys.ts';
import type { IdentitySource, Knowledge } from '../identity.ts';
import { unavailable } from '../unavailable.ts';
import { FolderChanges } from './folder-changes.ts';

/** So long a file may be missing or empty while somebody replaces it; ms. A refusal has a second, whatever the name is. */
const REPLACED_WITHIN = 200;
/** A name that was there counts as gone when it has been missing for so long; ms. */
const GONE_AFTER = 10_000;
const MOST_USERS = 10_000;

interface KeyFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Users and keys as `<folder>/<user>.keys`, in the authorized_keys format; read anew at each lookup. The case of a file's
 * name does not matter, as it does not in user names. A folder or file that is there and cannot be read is `unavailable`,
 * never `unknown`: a later source must not take over its users. Nor may it while a file is replaced: where one is missing or empty a
 * second look follows, unless the folder has been still, and a name that was known is `unavailable` until its file counts as gone.
 */
export class KeyFilesSource implements IdentitySource {
  readonly name = 'key files';
  readonly credentials = ['public_key'] as const;
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #changes: FolderChanges;
  /** Who was known, and since when their file is missing. */
  readonly #wereKnown = new LRUCache<Username, { missingSince: number | undefined }>({ max: MOST_USERS });
  /** What was last logged about a user's file: a broken line is told once, not with every login. */
  readonly #told = new Map<Username, string>();

  constructor(folder: string, logger: Logger, clock: Clock) {
    this.#folder = folder;
    this.#logger = logger.child({ source: this.name });
    this.#clock = clock;
    this.#changes = new FolderChanges(folder, clock);
  }

  async lookup(user: Username, signal: AbortSignal): Promise<Knowledge> {
    signal.throwIfAborted();
    try {
      const file = await this.#find(user, signal);
      if (file === undefined) return await this.#missing(user);
      this.#wereKnown.set(user, { missingSince: undefined });
      return this.#known(user, file);
    } catch (error) {
      signal.throwIfAborted();
      return unavailable(this.name, user, error, this.#logger);
    }
  }

  async #find(user: Username, signal: AbortSignal): Promise<KeyFile | undefined> {
    const first = await this.#firstLook(user, signal);
    if (first !== undefined) return first.file;
    await wait(REPLACED_WITHIN, this.#clock, signal);
    signal.throwIfAborted();
    return await this.#look(user, signal);
  }

  /** Undefined where the next look may find something else. */
  async #firstLook(
    user: Username,
    signal: AbortSignal,
  ): Promise<{ readonly file: KeyFile | undefined } | undefined> {
    try {
      const file = await this.#look(user, signal);
      return (await this.#maySoonChange(file)) ? undefined : { file };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async #look(user: Username, signal: AbortSignal): Promise<KeyFile | undefined> {
    const names = await readdir(this.#folder);
    const [name, another] = names.filter((each) => each.toLowerCase() === `${user}.keys`);
    if (name === undefined) return undefined;
    if (another !== undefined) throw new Error(`both ${name} and ${another} are there`);
    return { name, text: await readFile(join(this.#folder, name), { encoding: 'utf8', signal }) };
  }

  /** The folder's changes are asked for after it was read: it may have changed in between. */
  async #maySoonChange(file: KeyFile | undefined): Promise<boolean> {
    if (file !== undefined) return file.text.trim() === '';
    return (await this.#changes.stillFor()) < REPLACED_WITHIN;
  }

  async #missing(user: Username): Promise<Knowledge> {
    const known = this.#wereKnown.get(user);
    if (known === undefined) return { kind: 'unknown' };
    known.missingSince ??= this.#clock.now();
    const missingFor = Math.max(this.#clock.now() - known.missingSince, await this.#changes.stillFor());
    if (missingFor < GONE_AFTER) {
      throw new Error(`${user}.keys was there; it counts as gone after ${GONE_AFTER / 1000} s`);
    }
    this.#wereKnown.delete(user);
    return { kind: 'unknown' };
  }

  #known(user: Username, file: KeyFile): Knowledge {
    const { keys, unusable, unreadable } = parseAuthorizedKeys(file.text);
    this.#tellOnce(user, file.name, { unusable, unreadableLines: unreadable });
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
