const EVERY = 20;

/** Finds the longest turn of the event loop, by the CPU that it took: on a busy machine a short turn may take long. */
export class BusyTime implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #at = performance.now();
  #cpu = process.cpuUsage();
  longest = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), EVERY);
  }

  #look(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    this.longest = Math.max(this.longest, Math.min(now - this.#at - EVERY, (user + system) / 1_000));
    this.#at = now;
    this.#cpu = process.cpuUsage();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
