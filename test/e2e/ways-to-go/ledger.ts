import type { Way } from './way.ts';

/** How a way ended; `early`: something was paused while the student was there or within the grace time. */
type Ending =
  | { readonly kind: 'right'; readonly late: number | undefined }
  | { readonly kind: 'early' | 'wrong' };

/** What became of each way, in the order in which they were begun. */
export class Ledger {
  readonly #endings = new Map<Way, Ending>();

  /** A way counts as ended wrong until it is known better. */
  begin(way: Way): void {
    if ([...this.#endings.keys()].some(({ name }) => name === way.name))
      throw new Error(`two ways are called ${way.name}`);
    this.#endings.set(way, { kind: 'wrong' });
  }

  early(way: Way): void {
    this.#endings.set(way, { kind: 'early' });
  }

  /** `late`: ms from going to the pause, without the grace time; undefined where there need be none. */
  right(way: Way, late: number | undefined): void {
    this.#endings.set(way, { kind: 'right', late });
  }

  /** A table, and two lines that sum it up. */
  get summary(): string {
    const rows = [...this.#endings].map(([{ name }, ending]) => `${said(ending).padStart(9)}  ${name}`);
    const count = (kind: Ending['kind']) => [...this.#endings.values()].filter((e) => e.kind === kind).length;
    return [
      'from going to the pause, without the grace time:',
      ...rows,
      `of ways where it can act at once: median ${said(this.#atOnce(0.5))}, latest ${said(this.#atOnce(1))}`,
      `ways to go: ${this.#endings.size} tried, ${count('right')} ended right, ${count('early')} wrongly suspended`,
    ].join('\n');
  }

  /** That share of the pauses was no later, of those that had nothing to wait for. */
  #atOnce(share: number): Ending {
    const sorted = [...this.#endings]
      .flatMap(([{ noticedWithin }, ending]) =>
        noticedWithin === undefined && ending.kind === 'right' ? (ending.late ?? []) : [],
      )
      .sort((a, b) => a - b);
    return { kind: 'right', late: sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] };
  }
}

function said(ending: Ending): string {
  if (ending.kind !== 'right') return ending.kind === 'early' ? 'TOO EARLY' : 'WRONG';
  return ending.late === undefined ? '-' : `${Math.round(ending.late)} ms`;
}
