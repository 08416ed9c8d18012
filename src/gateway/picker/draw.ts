import type { WorkspaceGlance } from '../../workspaces/workspace-access.ts';
import { displayWidth, fitInto, shownText } from './display-width.ts';
import type { LabChoice } from './picker.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines that are on the terminal, and the one of them that the cursor stands in, at its begin. */
export interface Frame {
  readonly lines: readonly Line[];
  readonly cursor: number;
}

interface Line {
  readonly text: string;
  readonly look: 'plain' | 'bold' | 'reverse';
}

/** Select Graphic Rendition (ECMA-48 §8.3.117): no colours, which nobody knows to be readable. */
const BOLD = '\x1b[1m';
const REVERSE = '\x1b[7m';
const AS_USUAL = '\x1b[m';
const TO_LINE_END = '\x1b[K';
const TO_SCREEN_END = '\x1b[J';

const HEADING = 'Which lab? Arrow keys and Enter choose one, q leaves.';

/** A workspace's state, for people. */
export const STATE_WORDS: Readonly<Record<WorkspaceGlance, string>> = {
  new: 'new',
  running: 'running',
  waking: 'waking up',
  suspended: 'paused',
  stopped: 'stopped',
};

/** How many labs are shown at a time. */
export function pageOf({ rows }: Size): number {
  return Math.max(1, rows - (rows > 2 ? 2 : 0));
}

/** The lines for a terminal of this size. None reaches the last column, where a terminal would wrap it, unless there is no other. */
export function frameOf(labs: readonly LabChoice[], selected: number, size: Size): Frame {
  const page = Math.min(pageOf(size), labs.length);
  // The selected row stands in the middle, as far as the list allows.
  const first = Math.min(Math.max(0, selected - Math.floor(page / 2)), labs.length - page);
  const hasHeading = size.rows > 2;
  const width = Math.max(1, size.columns - 1);
  const rows = rowTexts(labs).slice(first, first + page);
  const lines = rows.map((text, row): Line => {
    const isSelected = first + row === selected;
    return {
      text: fitInto(`${isSelected ? '>' : ' '} ${text}`, width),
      look: isSelected ? 'reverse' : 'plain',
    };
  });
  if (!hasHeading) return { lines, cursor: selected - first };
  const hidden = labs.length - page;
  const more = hidden === 0 ? '' : ` (${hidden} more)`;
  const heading: Line = { text: fitInto(`${HEADING}${more}`, width), look: 'bold' };
  return { lines: [heading, ...lines], cursor: selected - first + 1 };
}

/** A row for each lab: number, name, state, description; the columns stand below each other. */
export function rowTexts(labs: readonly LabChoice[]): readonly string[] {
  const names = widest(labs.map(({ name }) => name));
  const states = widest(labs.map(({ state }) => STATE_WORDS[state]));
  const numbers = String(labs.length).length;
  return labs.map(({ name, state, description }, row) => {
    const number = String(row + 1).padStart(numbers);
    const words = `${number}  ${name.padEnd(names)}  ${STATE_WORDS[state].padEnd(states)}`;
    return `${words}  ${shownText(description)}`.trimEnd();
  });
}

/** The control sequences that put `next` in the place of `last`; the cursor stays to be seen all the time. */
export function redraw(last: Frame | undefined, next: Frame, columns: number): string {
  const lines = next.lines.map(({ text, look }) => `${styled(text, look)}${TO_LINE_END}`);
  const back = next.lines.length - 1 - next.cursor;
  return `${toBegin(last, columns)}${lines.join('\r\n')}${TO_SCREEN_END}${up(back)}\r`;
}

/** The control sequences that leave nothing of `last` on the terminal. */
export function erase(last: Frame | undefined, columns: number): string {
  return last === undefined ? '' : `${toBegin(last, columns)}${TO_SCREEN_END}`;
}

/** From the cursor's line up to the first one. A terminal that was made narrower has wrapped the lines in between. */
function toBegin(last: Frame | undefined, columns: number): string {
  const above = last?.lines.slice(0, last.cursor) ?? [];
  const rows = above.map(({ text }) => Math.max(1, Math.ceil(displayWidth(text) / columns)));
  return `\r${up(rows.reduce((sum, each) => sum + each, 0))}`;
}

function up(rows: number): string {
  return rows === 0 ? '' : `\x1b[${rows}A`;
}

function styled(text: string, look: Line['look']): string {
  if (look === 'plain') return text;
  return `${look === 'bold' ? BOLD : REVERSE}${text}${AS_USUAL}`;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length));
}
