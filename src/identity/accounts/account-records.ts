import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { makeFolder } from '../../data-folder/make-folder.ts';
import { writeDurably } from '../../data-folder/write-durably.ts';
import { isMissing } from '../../errors/system-refusal.ts';
import { parseJson } from '../../json/parse-json.ts';
import { parseUsername, type Username } from '../../names/username.ts';
import { type AccountRecord, accountRecordSchema } from './account-record.ts';

const SUFFIX = '.account.json';
const MOST_IN_MEMORY = 10_000;

/** What is remembered of each name of one source, a file each. A name is read from the disk once. */
export class AccountRecords {
  readonly #folder: string;
  /** With `record` undefined: that nothing is remembered. */
  readonly #known = new LRUCache<Username, { readonly record: AccountRecord | undefined }>({
    max: MOST_IN_MEMORY,
  });
  /** One write after the other, so that the last one counts; never rejects. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rejects where there is something that cannot be read. */
  async read(user: Username): Promise<AccountRecord | undefined> {
    const known = this.#known.get(user);
    if (known !== undefined) return known.record;
    await this.#written;
    const record = await this.#readFile(user);
    // Another caller may have read it as well, and have changed it since.
    const newer = this.#known.get(user);
    if (newer !== undefined) return newer.record;
    this.#known.set(user, { record });
    return record;
  }

  /** Holds in memory at once. Rejects where it cannot be kept. */
  async write(user: Username, record: AccountRecord): Promise<void> {
    this.#known.set(user, { record });
    await this.#inTurn(async () => {
      await makeFolder(this.#folder);
      await writeDurably(this.#path(user), `${JSON.stringify(record)}\n`);
    });
  }

  /** Forgets the name. */
  async remove(user: Username): Promise<void> {
    this.#known.set(user, { record: undefined });
    await this.#inTurn(() => rm(this.#path(user), { force: true }));
  }

  /** The names of which something is remembered, sorted. */
  async users(): Promise<readonly Username[]> {
    await this.#written;
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const users = names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
    return users
      .map(parseUsername)
      .filter((user) => user !== undefined)
      .toSorted();
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#written;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#written.then(work);
    this.#written = done.catch(() => {});
    return done;
  }

  async #readFile(user: Username): Promise<AccountRecord | undefined> {
    try {
      return accountRecordSchema.parse(parseJson(await readFile(this.#path(user), 'utf8')));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  #path(user: Username): string {
    return join(this.#folder, `${user}${SUFFIX}`);
  }
}
