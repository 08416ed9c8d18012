import type { LabName } from '../../names/lab-name.ts';
import { rowTexts } from './draw.ts';
import type { LabChoice } from './picker.ts';
import type { Decision, PickerView } from './picker-view.ts';

const PROMPT = 'Number or name of the lab (q leaves): ';

/** No name is longer. */
const LONGEST_LINE = 64;

const ENTER: readonly number[] = [0x0d, 0x0a];
const RUB_OUT: readonly number[] = [0x08, 0x7f];
/** ^C, ^D and Escape. */
const LEAVE: readonly number[] = [0x03, 0x04, 0x1b];
/** ^U */
const KILL_LINE = 0x15;

/** A numbered list and a line to answer in, for terminals that can do no more. The client's terminal is raw, so typing is echoed here. */
export class LineView implements PickerView {
  readonly undecided = false;
  #labs: readonly LabChoice[];
  #line = '';
  #unwritten = '';
  #isShown = false;

  constructor(labs: readonly LabChoice[]) {
    this.#labs = labs;
  }

  draw(labs: readonly LabChoice[]): string {
    this.#labs = labs;
    if (!this.#isShown) this.#show();
    return this.#unwrittenText();
  }

  take(byte: number): Decision | undefined {
    if (LEAVE.includes(byte)) return { kind: 'left' };
    if (ENTER.includes(byte)) return this.#enter();
    if (RUB_OUT.includes(byte)) this.#rubOut(1);
    else if (byte === KILL_LINE) this.#rubOut(this.#line.length);
    else if (byte >= 0x20 && byte <= 0x7e) this.#add(String.fromCharCode(byte));
    return undefined;
  }

  settle(): undefined {
    return undefined;
  }

  clear(): string {
    const text = this.#unwrittenText();
    if (!this.#isShown) return text;
    this.#isShown = false;
    return `${text}\r\n`;
  }

  #show(): void {
    const lines = ['You have several labs:', ...rowTexts(this.#labs).map((row) => `  ${row}`)];
    this.#unwritten += `${lines.join('\r\n')}\r\n${PROMPT}${this.#line}`;
    this.#isShown = true;
  }

  #enter(): Decision | undefined {
    const answer = this.#line.trim().toLowerCase();
    this.#line = '';
    if (answer === 'q') return { kind: 'left' };
    const lab = this.#find(answer);
    if (lab !== undefined) return { kind: 'chosen', lab };
    this.#unwritten += `\r\n${answer === '' ? '' : 'There is no such lab.\r\n'}${PROMPT}`;
    return undefined;
  }

  #find(answer: string): LabName | undefined {
    const names = this.#labs.map(({ name }) => name);
    const byName = names.find((name) => name === answer);
    return byName ?? (/^\d{1,4}$/.test(answer) ? names[Number(answer) - 1] : undefined);
  }

  #add(character: string): void {
    if (this.#line.length >= LONGEST_LINE) return;
    this.#line += character;
    this.#unwritten += character;
  }

  #rubOut(count: number): void {
    const gone = Math.min(count, this.#line.length);
    this.#line = this.#line.slice(0, this.#line.length - gone);
    this.#unwritten += '\b \b'.repeat(gone);
  }

  #unwrittenText(): string {
    const text = this.#unwritten;
    this.#unwritten = '';
    return text;
  }
}
