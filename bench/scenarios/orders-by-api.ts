import type { ClusterApi } from '../parts/cluster-api.ts';
import type { ClusterDoor } from '../parts/cluster-door.ts';
import { timed } from '../parts/timing.ts';
import { OrderTimes } from './order-times.ts';

/** The same by the HTTP API, to a workspace's cluster; each is over with the answer that it is so. */
export class OrdersByApi {
  readonly times = new OrderTimes();
  readonly #api: ClusterApi;
  readonly #door: ClusterDoor;

  /** `door`: of its cluster; it must not have been asked for anything before the last creation. */
  constructor(api: ClusterApi, door: ClusterDoor) {
    this.#api = api;
    this.#door = door;
  }

  async createAnew(): Promise<void> {
    await timed(this.times.removed, () => this.#api.remove());
    await timed(this.times.created, () => this.#api.ensure());
  }

  async restart(): Promise<void> {
    await timed(this.times.stopped, () => this.#api.stop());
    await timed(this.times.started, () => this.#api.ensure());
  }

  async suspendAndWake(): Promise<void> {
    await timed(this.times.suspended, () => this.#api.suspend());
    await this.times.wake(this.#door, () => this.#api.ensure());
  }

  async look(): Promise<void> {
    await timed(this.times.ensured, () => this.#api.ensure());
    await timed(this.times.described, () => this.#api.status());
  }
}
