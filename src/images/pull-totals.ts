/** What a pull reports of one layer. Sizes in bytes. */
export interface LayerReport {
  readonly id?: string | undefined;
  readonly status?: string | undefined;
  readonly progressDetail?:
    | { readonly current?: number | undefined; readonly total?: number | undefined }
    | undefined;
}

/** Adds up what a pull reports layer by layer. */
export class PullTotals {
  readonly #layers = new Map<string, { current: number; total: number }>();
  #last = '';

  /** The state of the whole download, "41 % of 180 MB", where it reads differently than last time. */
  add({ id, status, progressDetail }: LayerReport): string | undefined {
    if (id === undefined || progressDetail?.total === undefined || status !== 'Downloading') return undefined;
    this.#layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
    const text = this.#text();
    if (text === this.#last) return undefined;
    this.#last = text;
    return text;
  }

  #text(): string {
    const layers = [...this.#layers.values()];
    const total = layers.reduce((sum, layer) => sum + layer.total, 0);
    const current = layers.reduce((sum, layer) => sum + layer.current, 0);
    return `${Math.floor((100 * current) / Math.max(total, 1))} % of ${Math.ceil(total / 1e6)} MB`;
  }
}
