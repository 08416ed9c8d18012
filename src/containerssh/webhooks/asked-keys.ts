import { LRUCache } from 'lru-cache';
import type { Known } from '../../identity/identity.ts';
import { isSameKey, type PublicKey } from '../../identity/public-key.ts';
import type { Username } from '../../names/username.ts';

/** A key that was said to do on a connection, and what its source said. */
export interface AskedKey {
  readonly user: Username;
  readonly key: PublicKey;
  readonly known: Known;
}

const MOST = 10_000;
/** ms. A client that types a passphrase takes its time, and ContainerSSH asks for a configuration for 60 s. */
const KEPT_FOR = 600_000;

/** Of one connection; ContainerSSH lets a client try a few. */
const MOST_KEYS = 32;

/**
 * The keys of which one is that by which a connection comes in: those that were said to do. Which one the client signed with, ContainerSSH
 * does not say: a client may ask about several, by several names, before it signs, and the answers to earlier questions may be kept. So all have to be of
 * the right person. Without one there is no login: whoever ContainerSSH lets in by other means is nobody here.
 */
export class AskedKeys {
  readonly #byConnection = new LRUCache<string, readonly AskedKey[]>({
    max: MOST,
    ttl: KEPT_FOR,
    updateAgeOnGet: true,
  });

  /** False: the connection has asked about too many. */
  accepted(connectionId: string, asked: AskedKey): boolean {
    const before = this.#byConnection.get(connectionId) ?? [];
    const others = before.filter(({ user, key }) => user !== asked.user || !isSameKey(key, asked.key));
    if (others.length >= MOST_KEYS) return false;
    this.#byConnection.set(connectionId, [...others, asked]);
    return true;
  }

  /** None: no key of theirs was asked about. */
  of(connectionId: string, user: Username): readonly AskedKey[] {
    return this.#byConnection.get(connectionId)?.filter((asked) => asked.user === user) ?? [];
  }

  forget(connectionId: string): void {
    this.#byConnection.delete(connectionId);
  }
}
