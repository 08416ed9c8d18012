/** How much more there has been of something than at first. */
export class Growth {
  readonly #now: () => number;
  readonly #first: number;
  #most: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#first = now();
    this.#most = this.#first;
  }

  look(): number {
    this.#most = Math.max(this.#most, this.#now());
    return this.#most - this.#first;
  }
}
