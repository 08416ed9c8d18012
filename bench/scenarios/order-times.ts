import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterDoor } from '../parts/cluster-door.ts';
import { timed } from '../parts/timing.ts';

/** How long a cluster is paused before it is woken; ms. */
const SLEEP = 1_000;
/** How often one that wakes is looked at; ms. */
const EVERY = 10;

/** What orders to one cluster take; ms. */
export class OrderTimes {
  readonly created: number[] = [];
  readonly removed: number[] = [];
  readonly stopped: number[] = [];
  readonly started: number[] = [];
  readonly suspended: number[] = [];
  /** Until the order is answered. */
  readonly resumed: number[] = [];
  /** From the order until Kubernetes answers. */
  readonly kubernetes: number[] = [];
  /** To run, of one that runs. */
  readonly ensured: number[] = [];
  /** It is asked for all that is known of it, with its memory and CPU. */
  readonly described: number[] = [];

  /** Wakes a cluster that was just paused. */
  async wake(door: ClusterDoor, order: () => Promise<void>): Promise<void> {
    await delay(SLEEP);
    await Promise.all([
      timed(this.resumed, order),
      timed(this.kubernetes, () => door.untilApiAnswers(EVERY)),
    ]);
  }
}
