import type { Identity, Knowledge } from '../../identity/identity.ts';
import { isSameKey, type PublicKey } from '../../identity/public-key.ts';
import type { Username } from '../../names/username.ts';

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

  async lists(key: PublicKey): Promise<boolean> {
    if (listed(await this.latest(), key)) return true;
    this.#fresh ??= this.#ask(true);
    return listed(await this.#fresh, key);
  }

  #askFirst(): Promise<Knowledge> {
    this.#first ??= this.#ask(false);
    return this.#first;
  }

  async #ask(fresh: boolean): Promise<Knowledge> {
    if (this.#user === undefined) return UNKNOWN;
    try {
      return await this.#identity.lookup(this.#user, this.#signal, { fresh });
    } catch {
      // The client is gone, and nobody is left to be told.
      return UNKNOWN;
    }
  }
}

function listed(knowledge: Knowledge, key: PublicKey): boolean {
  return knowledge.kind === 'known' && knowledge.keys.some((known) => isSameKey(known, key));
}
