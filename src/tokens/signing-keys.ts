import type { KeyObject } from 'node:crypto';
import { FactoryError } from '../errors/factory-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { type Jwks, jwksOf, type VerificationKeys } from './jwks.ts';
import { MOST_KEYS, readKeys, writeKeys } from './key-file.ts';
import { keysToKeep, LEAD, nextUpkeep, rotationDue, signingKey } from './key-schedule.ts';
import { makeTokenKey, type TokenKey } from './token-key.ts';

/** When to try again what failed of the upkeep; ms. */
const RETRY = 10 * 60_000;

export interface SigningKeysOptions {
  /** The data folder, locked. */
  readonly data: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A key that was made, and from when on it signs; ms since the epoch. */
export type Rotation = Pick<TokenKey, 'kid' | 'signsFrom'>;

/**
 * The keys of a factory, in `tokens/keys.json` of the data folder. A new one is made once a month, or when it is asked for; the others
 * verify what they have signed for as long as it is good.
 */
export class SigningKeys implements VerificationKeys, AsyncDisposable {
  readonly #options: SigningKeysOptions;
  /** In the order in which they begin to sign; never empty. */
  #keys: readonly TokenKey[];
  #timer: Disposable | undefined;
  /** The last change, after which the next one goes. */
  #changing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(options: SigningKeysOptions, keys: readonly TokenKey[]) {
    this.#options = options;
    this.#keys = keys;
  }

  /** Reads them, after making the first where there is none. Rejects with `TOKEN_KEYS_UNUSABLE`. */
  static async open(options: SigningKeysOptions): Promise<SigningKeys> {
    const { data, clock } = options;
    const now = clock.now();
    const kept = (await readKeys(data)) ?? [await makeTokenKey({ madeAt: now, signsFrom: now })];
    const keys = new SigningKeys(options, kept);
    await keys.#change((before) => keys.#afterUpkeep(before));
    keys.#wait();
    return keys;
  }

  /** The key that signs now. */
  current(): TokenKey {
    const key = signingKey(this.#keys, this.#options.clock.now());
    if (key === undefined) throw new Error('there is always a key');
    return key;
  }

  async find(kid: string): Promise<KeyObject | undefined> {
    return this.#keys.find((key) => key.kid === kid)?.publicKey;
  }

  jwks(): Jwks {
    return jwksOf(this.#keys);
  }

  /**
   * Makes a new key, which signs in ten minutes; where one waits already, nothing changes. Rejects with `REQUEST_INVALID` where too many are
   * kept, with `TOKEN_KEYS_UNUSABLE` where they cannot be written.
   */
  async rotate(): Promise<Rotation> {
    await this.#change(async (before) => {
      const now = this.#options.clock.now();
      const kept = keysToKeep(before, now);
      if (hasOneAhead(kept, now)) return kept;
      if (kept.length >= MOST_KEYS) throw tooMany();
      return [...kept, await newKey(now)];
    });
    this.#wait();
    const { kid, signsFrom } = this.#keys.at(-1) ?? this.current();
    return { kid, signsFrom };
  }

  /** Resolves when what is being written is so, or has failed. */
  async settled(): Promise<void> {
    await this.#changing;
  }

  /** Waits for what is being written; nothing is made from then on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    await this.settled();
  }

  async #afterUpkeep(before: readonly TokenKey[]): Promise<readonly TokenKey[]> {
    const now = this.#options.clock.now();
    const kept = keysToKeep(before, now);
    const isDue = now >= rotationDue(kept) && !hasOneAhead(kept, now) && kept.length < MOST_KEYS;
    return isDue ? [...kept, await newKey(now)] : kept;
  }

  /** What is on the disk is so before it is used: a key that nobody has after a crash must not have signed. */
  #change(make: (before: readonly TokenKey[]) => Promise<readonly TokenKey[]>): Promise<void> {
    const { data } = this.#options;
    const changed = this.#changing.then(async () => {
      const keys = await make(this.#keys);
      await writeKeys(data, keys);
      this.#keys = keys;
    });
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  #wait(at = nextUpkeep(this.#keys)): void {
    if (this.#isClosed) return;
    const { clock } = this.#options;
    this.#timer?.[Symbol.dispose]();
    this.#timer = clock.schedule(Math.max(1_000, at - clock.now()), () => void this.#upkeep());
  }

  async #upkeep(): Promise<void> {
    const { clock, logger } = this.#options;
    // A timer may fire before its time (a delay has its longest), and then has nothing to do.
    if (clock.now() < nextUpkeep(this.#keys)) return this.#wait();
    try {
      await this.#change((before) => this.#afterUpkeep(before));
      logger.info({ keys: this.#keys.map(({ kid }) => kid) }, 'the keys that sign tokens were changed');
      this.#wait(Math.max(nextUpkeep(this.#keys), clock.now() + RETRY));
    } catch (err) {
      logger.error({ err }, 'the keys that sign tokens cannot be changed; those that there are serve on');
      this.#wait(clock.now() + RETRY);
    }
  }
}

function newKey(now: number): Promise<TokenKey> {
  return makeTokenKey({ madeAt: now, signsFrom: now + LEAD });
}

function hasOneAhead(keys: readonly TokenKey[], now: number): boolean {
  return keys.some(({ signsFrom }) => signsFrom > now);
}

function tooMany(): FactoryError {
  return new FactoryError(
    'REQUEST_INVALID',
    `There are ${MOST_KEYS} keys that may have signed tokens which are still good; ask again when the first of them are over.`,
  );
}
