import type { ReadStream, WriteStream } from 'node:tty';

/** A terminal's whole screen, drawn again and again. Disposing gives the person theirs back as it was. */
export interface LiveScreen extends Disposable {
  /** The text from the top; what has no room at the bottom is left out, and said so. */
  draw(text: string): void;
  /** Aborts when the person types q or ^C. */
  readonly left: AbortSignal;
}

/** q, Q, ^C, ^D; in raw mode the terminal makes no signals of them. */
const LEAVING: ReadonlySet<number> = new Set([0x71, 0x51, 0x03, 0x04]);
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_TO_RIGHT = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** Lines that are too long are cut off by the terminal, which counts no control sequences. */
export function openLiveScreen(output: WriteStream, input: ReadStream): LiveScreen {
  const left = new AbortController();
  const typed = (keys: Buffer): void => {
    if (keys.some((key) => LEAVING.has(key))) left.abort(new Error('the person has seen enough'));
  };
  // Without this the terminal would show the q, and wait for a line break.
  if (input.isTTY) input.setRawMode(true).on('data', typed).resume();
  output.write(ENTER);
  return {
    left: left.signal,
    draw(text) {
      const room = Math.max(output.rows - 1, 1);
      const lines = text.split('\n');
      const shown =
        lines.length <= room ? lines : [...lines.slice(0, room - 1), more(lines.length - room + 1)];
      output.write(`${HOME}${shown.map((line) => `${line}${CLEAR_TO_RIGHT}\n`).join('')}${CLEAR_BELOW}`);
    },
    [Symbol.dispose]() {
      if (input.isTTY) input.setRawMode(false).off('data', typed).pause();
      output.write(LEAVE);
    },
  };
}

function more(lines: number): string {
  return `… ${lines} more lines; make the window higher`;
}
