import type { Username } from '../names/username.ts';
import type { Identity, Knowledge, Known } from './identity.ts';
import { isSameKey, type PublicKey } from './public-key.ts';

const UNKNOWN: Knowledge = { kind: 'unknown' };

/**
 * What the identity sources say about the user of one connection. They are asked once, as early as somebody wants, and
 * once more for a fresh answer when a key is not listed, so that a key added a moment ago works.
 */
export class KnownKeys {
  readonly #identity: Identity;
  readonly #user: Username | undefined;
  readonly #signal: AbortSignal;
  #first: Promise<Knowledge> | undefined;
  #fresh: Promise<Knowledge> | undefined;

  /** `user` undefined: the login name was invalid, so no source is asked. */
  constructor(identity: Identity, user: Username | undefined, signal: AbortSignal) {
    this.#identity = identity;
    this.#user = user;
    this.#signal = signal;
  }

  /** Never rejects. */
  async latest(): Promise<Knowledge> {
    return await (this.#fresh ?? this.#askFirst());
  }

  /** Resolves when nothing is left that could be asked. Never rejects. */
  async everything(): Promise<void> {
    await this.#askFirst();
    this.#fresh ??= this.#ask(true);
    await this.#fresh;
  }

  /** What was said with the key in it; undefined: it is not listed. */
  async listing(key: PublicKey): Promise<Known | undefined> {
    const known = withKey(await this.latest(), key);
    if (known !== undefined) return known;
    this.#fresh ??= this.#ask(true);
    return withKey(await this.#fresh, key);
  }

  #askFirst(): Promise<Knowledge> {
    this.#first ??= this.#ask(false);
    return this.#first;
  }

  async #ask(fresh: boolean): Promise<Knowledge> {
    if (this.#user === undefined) return UNKNOWN;
    try {
      return await this.#identity.lookup(this.#user, this.#signal, { fresh });
    } catch (error) {
      if (!this.#signal.aborted) throw error;
      // The client is gone, and nobody is left to be told.
      return UNKNOWN;
    }
  }
}

function withKey(knowledge: Knowledge, key: PublicKey): Known | undefined {
  if (knowledge.kind !== 'known') return undefined;
  return knowledge.keys.some((known) => isSameKey(known, key)) ? knowledge : undefined;
}
