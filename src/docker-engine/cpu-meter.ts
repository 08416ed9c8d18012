/** A container's clock of CPU time, read at one moment; all in ms. */
export interface CpuReading {
  /** Of the container. */
  readonly id: string;
  /** When it was started, since the epoch. */
  readonly since: number;
  /** How long its processes have computed since then. */
  readonly cpuTime: number;
  /** When that was read, since the epoch. */
  readonly at: number;
}

interface Kept {
  readonly reading: CpuReading;
  readonly cores: number;
}

/** Two readings that are closer tell of noise; ms. */
const SHORTEST_SPAN = 1_000;
/** What nobody asked about for so long is forgotten; ms. */
const KEPT_FOR = 3_600_000;

/**
 * Makes cores in use out of readings of CPU time: the average since the reading before, or since the start where there is none.
 * It costs no waiting, where a figure of this very moment would take two readings and the time between them.
 */
export class CpuMeter {
  /** By container. */
  readonly #kept = new Map<string, Kept>();

  /** Cores: 1.5 is one and a half. */
  cores(reading: CpuReading): number {
    this.#forget(reading.at - KEPT_FOR);
    const before = this.#kept.get(reading.id);
    const isSameRun = before?.reading.since === reading.since && before.reading.cpuTime <= reading.cpuTime;
    if (!isSameRun) return this.#keep(reading, { at: reading.since, cpuTime: 0 });
    if (reading.at - before.reading.at < SHORTEST_SPAN) return before.cores;
    return this.#keep(reading, before.reading);
  }

  #keep(reading: CpuReading, from: Pick<CpuReading, 'at' | 'cpuTime'>): number {
    const span = Math.max(1, reading.at - from.at);
    const cores = (reading.cpuTime - from.cpuTime) / span;
    this.#kept.set(reading.id, { reading, cores });
    return cores;
  }

  #forget(limit: number): void {
    for (const [id, { reading }] of this.#kept) if (reading.at < limit) this.#kept.delete(id);
  }
}
