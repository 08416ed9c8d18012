/** As much of a terminal as the picker may use. Throws at anything else, and where text would be wrapped. */
export class Screen {
  readonly #columns: number;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** The lines, without blanks at their ends. */
  get lines(): readonly string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  get row(): number {
    return this.#row;
  }

  write(text: string): void {
    for (const [piece] of text.matchAll(/\p{Cc}\[\d*[A-Za-z]|\r|\n|[^\p{Cc}]+|\p{Cc}/gu)) this.#take(piece);
  }

  #take(piece: string): void {
    const [, count = '', name] = /^\p{Cc}\[(\d*)([A-Za-z])$/u.exec(piece) ?? [];
    if (piece === '\r') this.#column = 0;
    else if (piece === '\n') this.#down();
    else if (name === 'A') this.#row = Math.max(0, this.#row - Number(count));
    else if (name === 'K') this.#set(this.#line.slice(0, this.#column));
    else if (name === 'J') this.#eraseBelow();
    else if (name === 'm' && ['', '1', '7'].includes(count)) return;
    else if (/\p{Cc}/u.test(piece)) throw new Error(`the terminal got ${JSON.stringify(piece)}`);
    else this.#print(piece);
  }

  #print(text: string): void {
    this.#set(
      this.#line.slice(0, this.#column).padEnd(this.#column) +
        text +
        this.#line.slice(this.#column + text.length),
    );
    this.#column += text.length;
    if (this.#column > this.#columns) throw new Error(`"${text}" does not fit into ${this.#columns} columns`);
  }

  #down(): void {
    this.#row += 1;
    if (this.#row === this.#lines.length) this.#lines.push('');
  }

  #eraseBelow(): void {
    this.#set(this.#line.slice(0, this.#column));
    this.#lines = this.#lines.slice(0, this.#row + 1);
  }

  get #line(): string {
    return this.#lines[this.#row] ?? '';
  }

  #set(line: string): void {
    this.#lines[this.#row] = line;
  }
}
