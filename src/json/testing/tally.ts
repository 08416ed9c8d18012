/** What came of the runs of a fuzz test, to show that they reached what they are about. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(outcome: string): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  /** The outcomes that are rarer than that part of all runs; none, where each had its share. */
  rarerThan(shares: Readonly<Record<string, number>>): readonly string[] {
    const all = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    return Object.entries(shares)
      .filter(([outcome, share]) => (this.#counts.get(outcome) ?? 0) < share * all)
      .map(([outcome]) => `${outcome} is rare: ${this}`);
  }

  toString(): string {
    return [...this.#counts]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(', ');
  }
}
