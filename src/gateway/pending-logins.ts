import { networkOf } from '../names/network-of.ts';

interface Pending {
  readonly network: string;
  /** Ends it when it takes too long. */
  readonly timer: Disposable;
}

/** Connections that have not logged in yet, the oldest first. */
export class PendingLogins<Connection> {
  readonly #pending = new Map<Connection, Pending>();

  get size(): number {
    return this.#pending.size;
  }

  connections(): readonly Connection[] {
    return [...this.#pending.keys()];
  }

  /**
   * @param address of the client; undefined: it is gone already
   * @param timer is disposed when the login is over
   */
  add(connection: Connection, address: string | undefined, timer: Disposable): void {
    this.#pending.set(connection, { network: networkOf(address ?? ''), timer });
  }

  /** Again does nothing. */
  over(connection: Connection): void {
    this.#pending.get(connection)?.timer[Symbol.dispose]();
    this.#pending.delete(connection);
  }

  /**
   * The oldest one from where the most come. Of IPv6 the network counts: whoever has one address there has all of them, and would
   * have one login from each.
   */
  firstToGo(): Connection | undefined {
    const counts = new Map<string, number>();
    for (const { network } of this.#pending.values()) counts.set(network, (counts.get(network) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const [connection, { network }] of this.#pending) {
      if (counts.get(network) === most) return connection;
    }
    return undefined;
  }
}
