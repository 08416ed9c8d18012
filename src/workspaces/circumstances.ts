import type { Lifecycle } from '../labs/lab-definition.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import {
  type ClusterOrder,
  type Desire,
  desiredState,
  type Order,
  type Presence,
  tiersOf,
} from './desired-state.ts';
import type { Pin, WorkspaceRecords } from './ports/records.ts';
import type { HeldLease } from './sessions/held-lease.ts';

/** How long before a deletion it is announced, at most; ms. */
const AHEAD = 24 * 3_600_000;

export interface CircumstancesOptions {
  readonly key: WorkspaceKey;
  /** As it is now. */
  readonly lifecycle: () => Lifecycle;
  /** Undefined: nobody has looked yet. */
  readonly hasCluster: () => boolean | undefined;
  readonly records: WorkspaceRecords;
  readonly clock: Clock;
}

/**
 * What a workspace is wanted to be, and by whom: its leases, pin and order, and since when nobody is there. What must outlive the
 * factory is in its record. Decides nothing and wakes nobody. Times in ms since the epoch.
 */
export class Circumstances {
  readonly #options: CircumstancesOptions;
  readonly #leases = new Set<HeldLease>();
  readonly #startedAt: number;
  #emptySince: number;
  #pin: Pin | undefined;
  #order: Order | undefined;
  #clusterOrder: ClusterOrder | undefined;
  #deletedAt: number | undefined;
  /** The time of deletion that was announced last, over restarts of the factory, too. */
  #deletionAnnounced: number | undefined;

  constructor(options: CircumstancesOptions) {
    const record = options.records.read(options.key);
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#emptySince = record?.emptySince ?? this.#startedAt;
    this.#pin = record?.pin;
    this.#deletedAt = record?.deletedAt;
    this.#deletionAnnounced = record?.deletionAnnounced;
  }

  get leases(): ReadonlySet<HeldLease> {
    return this.#leases;
  }

  get order(): Order | undefined {
    return this.#order;
  }

  get clusterOrder(): ClusterOrder | undefined {
    return this.#clusterOrder;
  }

  /** One that is over is none. */
  get pin(): Pin | undefined {
    return this.#pin !== undefined && this.#options.clock.now() < this.#pin.until ? this.#pin : undefined;
  }

  /** Since when nobody is there; of no meaning while somebody is. */
  get emptySince(): number {
    return Math.max(this.#emptySince, this.#pin?.until ?? 0);
  }

  /** When the cluster is deleted if nobody comes; undefined: never, or somebody is there. */
  get deleteAt(): number | undefined {
    if (this.#leases.size > 0 || this.pin !== undefined) return undefined;
    const { deleteAt } = tiersOf(this.emptySince, this.#options.lifecycle(), this.#notBefore);
    return deleteAt === undefined ? undefined : this.#onceAnnounced(deleteAt);
  }

  desire(): Desire {
    const input = {
      presence: this.#presence,
      pin: this.#pin,
      order: this.#order,
      notBefore: this.#notBefore,
      deleteNotBefore: this.deleteAt ?? this.#notBefore,
    };
    return desiredState(input, this.#options.lifecycle(), this.#options.clock.now());
  }

  /** When something changes by the mere passing of time; undefined: never. */
  get nextChangeAt(): number | undefined {
    const times = [this.desire().next?.at, this.#announceAt].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  hold(lease: HeldLease): void {
    this.#leases.add(lease);
    // Who comes wants it awake, whatever was ordered before. Of the cluster alone: who works in it.
    this.#order = undefined;
    this.#keep();
  }

  /** What is left then; undefined: it was not held. */
  release(lease: HeldLease): { readonly last: boolean } | undefined {
    if (!this.#leases.delete(lease)) return undefined;
    const last = this.#leases.size === 0;
    if (last) this.#emptyNow();
    this.#keep();
    return { last };
  }

  /** Takes the place of an earlier order. One that leads to sleep ends a pin. */
  give(order: Order): void {
    if (order.state === 'awake') this.#clusterOrder = undefined;
    else this.#pin = undefined;
    this.#order = order;
    this.#keep();
  }

  /** Of the cluster alone; undefined: it is wanted again. */
  giveCluster(order: ClusterOrder | undefined): void {
    this.#clusterOrder = order;
  }

  /** The order is carried out. One that woke the workspace leaves it with the grace time. */
  orderDone({ state }: Order): void {
    this.#order = undefined;
    if (state === 'awake') this.#emptyNow();
    this.#keep();
  }

  /** Undefined: the pin is taken away, and the grace time begins. */
  setPin(pin: Pin | undefined): void {
    if (pin === undefined && this.pin !== undefined && this.#leases.size === 0) this.#emptyNow();
    if (pin !== undefined) {
      this.#order = undefined;
      this.#clusterOrder = undefined;
    }
    this.#pin = pin;
    this.#keep();
  }

  /** It ran when the factory started: it goes through all tiers from the beginning, however long no factory ran. */
  foundRunning(): void {
    this.#emptySince = Math.max(this.#emptySince, this.#startedAt);
    this.#keep();
  }

  /** When the cluster will be deleted, where that is to be announced now; asked again there is nothing to announce. */
  takeAnnouncement(): number | undefined {
    const announceAt = this.#announceAt;
    if (announceAt === undefined || this.#options.clock.now() < announceAt) return undefined;
    this.#deletionAnnounced = this.deleteAt;
    this.#keep();
    return this.#deletionAnnounced;
  }

  /** The cluster was deleted because nobody came. */
  clusterDeleted(): void {
    this.#deletedAt = this.#options.clock.now();
    this.#keep();
  }

  /** When it was deleted; only the first who asks hears of it. */
  takeDeletion(): number | undefined {
    const deletedAt = this.#deletedAt;
    if (deletedAt === undefined) return undefined;
    this.#deletedAt = undefined;
    this.#keep();
    return deletedAt;
  }

  /** Nothing of the workspace is left. */
  forget(): void {
    this.#order = undefined;
    this.#clusterOrder = undefined;
    this.#deletedAt = undefined;
    this.#options.records.forget(this.#options.key);
  }

  /** Who is in the middle of something when the factory starts has the grace time anew. */
  get #notBefore(): number {
    return this.#startedAt + this.#options.lifecycle().grace;
  }

  /** When the coming deletion is to be announced. Undefined: it was, there is none ahead, or no cluster as far as is known. */
  get #announceAt(): number | undefined {
    const { deleteAt } = this;
    if (deleteAt === undefined || this.#options.hasCluster() !== true) return undefined;
    return deleteAt === this.#deletionAnnounced ? undefined : deleteAt - this.#ahead;
  }

  /** How long before a deletion it is announced: a day, or half of a shorter time. */
  get #ahead(): number {
    return Math.min(AHEAD, Math.ceil((this.#options.lifecycle().deleteAfter ?? 0) / 2));
  }

  /** Whoever slept, as a laptop does, while a deletion was to be announced announces it late, and the deletion waits for that. */
  #onceAnnounced(deleteAt: number): number {
    if (this.#options.hasCluster() === false) return deleteAt;
    const now = this.#options.clock.now();
    const due = Math.max(deleteAt, this.#deletionAnnounced ?? 0);
    return now < due || due === this.#deletionAnnounced ? due : now + this.#ahead;
  }

  get #presence(): Presence {
    const [first] = this.#leases;
    if (first === undefined) return { kind: 'empty', since: this.emptySince };
    return { kind: 'present', client: first.holder.clientAddress };
  }

  #emptyNow(): void {
    this.#emptySince = this.#options.clock.now();
  }

  #keep(): void {
    this.#options.records.write(this.#options.key, {
      emptySince: this.#leases.size > 0 ? undefined : this.#emptySince,
      pin: this.#pin,
      deletedAt: this.#deletedAt,
      deletionAnnounced: this.#deletionAnnounced,
    });
  }
}
