/**
 * Of all templates of a lab together, ms: loops in loops end, and nothing else is done while they run. A machine that is busy must not make
 * a lab invalid, so it is long.
 */
const ALL = 1_000;

/** The time that the templates of one lab have, or the hosts of all labs for all users, from now on. */
export class RenderTime {
  readonly #end = performance.now() + ALL;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** ms; none: 1, as 0 is without a limit. */
  get left(): number {
    return Math.max(1, this.#end - performance.now());
  }
}
