import { randomBytes } from 'node:crypto';
import { BareCluster, type BareClusterOptions } from '../parts/bare-cluster.ts';
import { timed } from '../parts/timing.ts';
import { OrderTimes } from './order-times.ts';

/** What the API is asked for, done by `docker` and `k3d` to a cluster without us. Disposing it deletes the cluster. */
export class OrdersByHand implements AsyncDisposable {
  readonly times = new OrderTimes();
  readonly #make: () => Promise<BareCluster>;
  #cluster: BareCluster;

  private constructor(make: () => Promise<BareCluster>, cluster: BareCluster) {
    this.#make = make;
    this.#cluster = cluster;
  }

  /** With a cluster that is of use. */
  static async create(options: BareClusterOptions): Promise<OrdersByHand> {
    // Another scenario may have one of the same flavour.
    const name = randomBytes(3).toString('hex');
    const make = () => BareCluster.create('as-ours', options, name);
    const byHand = new OrdersByHand(make, await make());
    await byHand.#cluster.door.untilOfUse();
    return byHand;
  }

  async createAnew(): Promise<void> {
    await timed(this.times.removed, () => this.#cluster[Symbol.asyncDispose]());
    await timed(this.times.created, async () => {
      this.#cluster = await this.#make();
      await this.#cluster.door.untilOfUse();
    });
  }

  async restart(): Promise<void> {
    await timed(this.times.stopped, () => this.#cluster.stop());
    await timed(this.times.started, async () => {
      await this.#cluster.start();
      await this.#cluster.door.untilOfUse();
    });
  }

  async pauseAndWake(): Promise<void> {
    await timed(this.times.suspended, () => this.#cluster.pause());
    await this.times.wake(this.#cluster.door, () => this.#cluster.unpause());
  }

  async look(): Promise<void> {
    await timed(this.times.ensured, () => this.#cluster.inspect());
    await timed(this.times.described, async () => {
      await this.#cluster.inspect();
      await this.#cluster.stats();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]();
  }
}
