import { eventually } from '../../test/e2e/harness/eventually.ts';
import { HttpLoad, type LoadTarget } from './http-load.ts';
import { percentile } from './percentile.ts';

/** Connections that ask at once. */
export const CONNECTIONS = 50;

/** How much is asked in one turn. */
export interface PathEffort {
  /** One after the other. */
  readonly requests: number;
  /** How long all connections ask at once; ms. */
  readonly during: number;
}

/** Where a small app and a large download are, and their names. */
export interface Site extends Pick<LoadTarget, 'at' | 'ca'> {
  readonly app: string;
  readonly large: string;
}

/** What one way to a site is worth: of each one figure a turn. */
export class PathTimes {
  /** ms */
  readonly kept: Latencies = { p50: [], p99: [] };
  /** With a connection for each request; ms. */
  readonly fresh: Latencies = { p50: [], p99: [] };
  /** Requests/s. */
  readonly rate: number[] = [];
  /** MiB/s */
  readonly download: number[] = [];
  readonly #app: LoadTarget;
  readonly #large: LoadTarget;

  constructor({ at, ca, app, large }: Site) {
    this.#app = { host: app, at, ca };
    this.#large = { host: large, at, ca };
  }

  /** Resolves when both are there. */
  async answers(): Promise<void> {
    for (const target of [this.#app, this.#large]) {
      using load = new HttpLoad(target, 1);
      await eventually(async () => (await load.download()) > 0, {
        what: `${target.host} answers at ${target.at.host}:${target.at.port}`,
        within: 120_000,
      });
    }
  }

  async measure({ requests, during }: PathEffort): Promise<void> {
    using one = new HttpLoad(this.#app, 1);
    note(this.kept, await one.latencies(requests));
    note(this.fresh, await one.latenciesOfNewConnections(requests));
    using many = new HttpLoad(this.#app, CONNECTIONS);
    this.rate.push(await many.rate(during));
    using large = new HttpLoad(this.#large, 1);
    this.download.push((await large.download()) / 2 ** 20);
  }
}

interface Latencies {
  readonly p50: number[];
  readonly p99: number[];
}

function note({ p50, p99 }: Latencies, found: readonly number[]): void {
  p50.push(percentile(found, 0.5));
  p99.push(percentile(found, 0.99));
}
