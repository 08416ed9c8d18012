import type { KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { jwksSchema, keysOf, type VerificationKeys } from './jwks.ts';

/** A key that was taken out is known for so long at most; ms. */
const FRESH_FOR = 60_000;

/** A token of an unknown key has the file read again, but not more often than so; ms. */
const AT_MOST_EVERY = 2_000;

/** Of a disk that does not answer; ms. */
const READ_LIMIT = 5_000;

/** Bytes; a thousand keys have 140,000. */
const LARGEST_FILE = 2 ** 20;

export interface JwksFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The public keys of another process, which may change them at any time. Of a file that cannot be read there are none. */
export class JwksFile implements VerificationKeys {
  readonly #options: JwksFileOptions;
  #keys: ReadonlyMap<string, KeyObject> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  /** The log has it already. */
  #isUnreadable = false;

  constructor(options: JwksFileOptions) {
    this.#options = options;
  }

  async find(kid: string): Promise<KeyObject | undefined> {
    const age = this.#options.clock.now() - this.#readAt;
    // An age below zero is of a clock that was set back.
    const isOld = age < 0 || age >= (this.#keys.has(kid) ? FRESH_FOR : AT_MOST_EVERY);
    if (isOld || this.#reading !== undefined) await this.#readAgain();
    return this.#keys.get(kid);
  }

  /** Who comes while it is read waits for the same. Never rejects. */
  #readAgain(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { path, clock, logger } = this.#options;
    this.#readAt = clock.now();
    try {
      this.#keys = await readJwksFile(path);
      this.#isUnreadable = false;
    } catch (err) {
      this.#keys = new Map();
      if (!this.#isUnreadable) logger.warn({ err, file: path }, 'the keys that verify tokens cannot be read');
      this.#isUnreadable = true;
    }
  }
}

async function readJwksFile(path: string): Promise<ReadonlyMap<string, KeyObject>> {
  const { size } = await stat(path);
  if (size > LARGEST_FILE) throw new Error(`${size} bytes are no set of keys`);
  const text = await readFile(path, { encoding: 'utf8', signal: AbortSignal.timeout(READ_LIMIT) });
  return keysOf(jwksSchema.parse(JSON.parse(text)));
}
