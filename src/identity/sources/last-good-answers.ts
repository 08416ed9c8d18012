import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../../errors/system-refusal.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Username } from '../../names/username.ts';
import { parseAuthorizedKeys } from '../authorized-keys.ts';
import type { PublicKey } from '../public-key.ts';

export interface GoodAnswer {
  readonly keys: readonly PublicKey[];
  /** When the source gave it; ms since the epoch. */
  readonly at: number;
}

const HEADING = '# answered at ';

/**
 * The last good answer for each user, one authorized_keys file each, so that logins work while the source is down, also
 * after a restart. A folder that cannot be read or written is logged; a login does not fail for it.
 */
export class LastGoodAnswers {
  readonly #folder: string;
  readonly #logger: Logger;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  async read(user: Username): Promise<GoodAnswer | undefined> {
    try {
      const text = await readFile(this.#path(user), 'utf8');
      const time = Date.parse(text.split('\n', 1)[0]?.slice(HEADING.length) ?? '');
      return { keys: parseAuthorizedKeys(text).keys, at: Number.isNaN(time) ? 0 : time };
    } catch (error) {
      if (!isMissing(error)) this.#logger.warn({ err: error, user }, 'could not read the last good keys');
      return undefined;
    }
  }

  /** Replaces the user's file in one step. */
  async write(user: Username, answer: GoodAnswer): Promise<void> {
    const heading = HEADING + new Date(answer.at).toISOString();
    const lines = answer.keys.map((key) => `${key.type} ${key.blob.toString('base64')}`);
    const temporary = `${this.#path(user)}.new`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(temporary, `${[heading, ...lines].join('\n')}\n`, { mode: 0o600, flush: true });
      await rename(temporary, this.#path(user));
    } catch (error) {
      this.#logger.warn({ err: error, user }, 'could not keep the keys for times when their source is down');
    }
  }

  async remove(user: Username): Promise<void> {
    try {
      await rm(this.#path(user), { force: true });
    } catch (error) {
      this.#logger.warn({ err: error, user }, 'could not forget the last good keys');
    }
  }

  #path(user: Username): string {
    return join(this.#folder, `${user}.keys`);
  }
}
