import type { Clock } from '../clock.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that moves only when told to; between two timers all promises run to rest. */
export class VirtualClock implements Clock {
  #now = 1_000_000;
  #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  schedule(delay: number, callback: () => void): Disposable {
    const timer = { at: this.#now + Math.max(0, delay), callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => this.#timers.delete(timer) };
  }

  /** Resolves after `ms`; the latency of an in-memory port. */
  delay(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(ms, resolve));
  }

  /** Time goes on and nothing happens, as on a host that sleeps: what was due comes late, with the next `advance`. */
  freeze(ms: number): void {
    this.#now += ms;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await promisesAtRest();
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await promisesAtRest();
    }
    this.#now = end;
  }
}

/** A macrotask runs only when the microtask queue is empty. */
function promisesAtRest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
