/** Bytes of a line, its end included. */
const LINE = 16;

/** The nth line of a download that can be checked as it comes: its number, in 16 bytes. */
export function numberedLine(n: number): string {
  return `${String(n).padStart(LINE - 1, '0')}\n`;
}

/** Checks that a stream is the numbered lines from 0 on, however it is cut into chunks. */
export class NumberedLines {
  #lines = 0;
  #rest = '';

  /** Whole ones, all of them right. */
  get lines(): number {
    return this.#lines;
  }

  /** Throws at the first byte that is not what it has to be. */
  take(chunk: string): void {
    this.#rest += chunk;
    let at = 0;
    for (; this.#rest.length - at >= LINE; at += LINE) {
      const line = this.#rest.slice(at, at + LINE);
      if (line !== numberedLine(this.#lines)) {
        throw new Error(`line ${this.#lines} of the download is ${JSON.stringify(line)}`);
      }
      this.#lines++;
    }
    this.#rest = this.#rest.slice(at);
  }

  /** Throws where the stream ended within a line. */
  end(): void {
    if (this.#rest !== '') throw new Error(`the download ended within line ${this.#lines}`);
  }
}
