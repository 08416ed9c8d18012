/** Tells listeners what comes. After `keep`, what comes before the first listener is kept for it. */
export class Relay<T> {
  readonly #most: number;
  readonly #listeners: ((value: T) => void)[] = [];
  #kept: T[] | undefined;

  /** @param most how much is kept: the peer may send without end */
  constructor(most: number) {
    this.#most = most;
  }

  keep(): void {
    if (this.#listeners.length === 0) this.#kept ??= [];
  }

  /** Returns whether somebody hears of it, now or later. */
  tell(value: T): boolean {
    if (this.#listeners.length === 0) return this.#keepOne(value);
    for (const listener of this.#listeners) listener(value);
    return true;
  }

  /** Calls `listener` with what was kept, and with all that comes. */
  listen(listener: (value: T) => void): void {
    this.#listeners.push(listener);
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const value of kept) listener(value);
  }

  #keepOne(value: T): boolean {
    if (this.#kept === undefined || this.#kept.length >= this.#most) return false;
    this.#kept.push(value);
    return true;
  }
}
