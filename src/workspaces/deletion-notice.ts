import type { Lifecycle } from '../labs/lab-definition.ts';

/** How long before a deletion it is announced, at most; ms. */
const AHEAD = 24 * 3_600_000;

/** Sees to it that each coming deletion of a cluster is announced once, over restarts of the factory, too. */
export class DeletionNotice {
  #announced: number | undefined;

  /** `announced`: the time of deletion that was announced last. */
  constructor(announced: number | undefined) {
    this.#announced = announced;
  }

  get last(): number | undefined {
    return this.#announced;
  }

  /** When the deletion at `deleteAt` is to be announced: a day ahead, or half of a shorter time. Undefined: it was, or there is none ahead. */
  dueAt(deleteAt: number | undefined, { deleteAfter }: Lifecycle, now: number): number | undefined {
    if (deleteAt === undefined || deleteAfter === undefined || deleteAt === this.#announced) return undefined;
    return now >= deleteAt ? undefined : deleteAt - Math.min(AHEAD, deleteAfter / 2);
  }

  isDue(deleteAt: number, lifecycle: Lifecycle, now: number): boolean {
    const due = this.dueAt(deleteAt, lifecycle, now);
    return due !== undefined && now >= due;
  }

  announced(deleteAt: number): void {
    this.#announced = deleteAt;
  }
}
