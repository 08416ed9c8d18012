import { LRUCache } from 'lru-cache';
import type { Known } from '../identity/identity.ts';
import type { PublicKey } from '../identity/public-key.ts';
import type { Username } from '../names/username.ts';

/** A key that was said to do on a connection, and what its source said. */
export interface AskedKey {
  readonly user: Username;
  readonly key: PublicKey;
  readonly known: Known;
}

const MOST = 10_000;
/** ms. A client that types a passphrase takes its time, and ContainerSSH asks for a configuration for 60 s. */
const KEPT_FOR = 600_000;

/**
 * The key by which each connection comes in: the last one that was said to do, as clients offer a key, and sign with it before they
 * offer another. Without one there is no login, so whoever ContainerSSH lets in by other means is nobody here.
 */
export class AskedKeys {
  readonly #byConnection = new LRUCache<string, AskedKey>({ max: MOST, ttl: KEPT_FOR, updateAgeOnGet: true });

  accepted(connectionId: string, asked: AskedKey): void {
    this.#byConnection.set(connectionId, asked);
  }

  of(connectionId: string, user: Username): AskedKey | undefined {
    const asked = this.#byConnection.get(connectionId);
    return asked?.user === user ? asked : undefined;
  }

  forget(connectionId: string): void {
    this.#byConnection.delete(connectionId);
  }
}
