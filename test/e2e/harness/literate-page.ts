/**
 * A page of the docs as a list of things to do, so that a test can follow it to the letter. What a block is, the page
 * says to its reader, too: by the language of the block and by the lead, which is the paragraph right above it.
 *
 * | block | lead | meaning |
 * | --- | --- | --- |
 * | `sh` | | commands, one after the other, all of which succeed |
 * | `sh` | "… exit code 78 …" | commands, the last of which ends with that code |
 * | `sh` | "… leave it running …" | a program that goes on running beside what follows |
 * | `sh` | "… Ctrl-C …" | what runs is ended before the commands |
 * | `sh` | "… in the lab …" | typed into the program that the block above started (`ssh`); it ends with them |
 * | `text` | | what the commands above show, all of it; `…` is any text, a line with `…` alone any lines or none |
 * | another | "… `path`:" | the file of that name, whole |
 * | another | "Add to … `path`:" | lines that come at the end of it |
 *
 * A block that no test can follow has `<!-- not followed: why -->` in its lead. Any other block is a mistake in the page.
 */
export type PageStep = FileStep | CommandsStep;

export interface FileStep {
  readonly kind: 'file';
  /** Relative to the folder in which the page begins. */
  readonly path: string;
  readonly how: 'write' | 'append';
  readonly text: string;
  /** Of the block in the page; from 1. */
  readonly line: number;
}

export interface CommandsStep {
  readonly kind: 'commands';
  readonly script: string;
  /** What is typed into what the script started; undefined: nothing. */
  readonly typed: string | undefined;
  /** What is shown, with `…`; undefined: the page does not say. */
  readonly shows: string | undefined;
  readonly exitCode: number;
  /** Whether it goes on running. */
  readonly keepsRunning: boolean;
  /** Whether what keeps running is ended before. */
  readonly afterInterrupt: boolean;
  readonly line: number;
}

interface Block {
  readonly language: string;
  readonly text: string;
  readonly lead: string;
  readonly line: number;
}

/** The steps of a page (Markdown with fenced blocks). Throws with the line of the first block that is none of the above. */
export function readPage(markdown: string): readonly PageStep[] {
  const steps: PageStep[] = [];
  for (const block of fencedBlocks(markdown)) {
    if (block.lead.includes('<!-- not followed: ')) continue;
    const before = steps.at(-1);
    const added = stepOf(block, before);
    if (before !== undefined && added.kind === 'commands' && added.line === before.line) steps.pop();
    steps.push(added);
  }
  return steps;
}

/** What a program shows that shows `written`: there `…` is any text, a line with `…` alone any lines or none. */
export function outputPattern(written: string): RegExp {
  const lines = written.trim().split('\n').map(linePattern);
  return new RegExp(`^\\s*${lines.join('')}\\s*$`);
}

function linePattern(line: string): string {
  if (line.trim() === '…') return '(?:[^]*(?:\\n|$))?';
  return `${line.trimEnd().split('…').map(literally).join('.*')}[ \\t\\r]*(?:\\n|$)`;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** A new step, or the one before with this block added. */
function stepOf(block: Block, before: PageStep | undefined): PageStep {
  const { language, text, lead, line } = block;
  if (language === 'text') {
    const commands = commandsBefore(block, before);
    if (commands.shows !== undefined) throw mistake(block, 'is a second output of the same commands');
    return { ...commands, shows: text };
  }
  if (language === 'sh' && /\bin the lab\b/i.test(lead)) {
    return { ...commandsBefore(block, before), typed: text };
  }
  if (language === 'sh') {
    return {
      kind: 'commands',
      script: text,
      typed: undefined,
      shows: undefined,
      exitCode: Number(/\bexit code (\d+)/i.exec(lead)?.[1] ?? 0),
      keepsRunning: /\bleave it running\b/i.test(lead),
      afterInterrupt: /\bCtrl-C\b/.test(lead),
      line,
    };
  }
  const path = /`([^`]+)`[^`]*:$/.exec(lead)?.[1];
  if (path === undefined)
    throw mistake(block, 'says neither what it is nor, as "`path`:" above it, where it goes');
  return { kind: 'file', path, how: /\badd to\b/i.test(lead) ? 'append' : 'write', text, line };
}

function commandsBefore(block: Block, before: PageStep | undefined): CommandsStep {
  if (before?.kind === 'commands') return before;
  throw mistake(block, 'belongs to commands, and there are none right before it');
}

function mistake({ line, language }: Block, what: string): Error {
  return new Error(`line ${line} of the page: the ${language || 'unnamed'} block ${what}`);
}

/** Blocks between ``` at the beginning of a line, https://spec.commonmark.org/0.31.2/#fenced-code-blocks. */
function fencedBlocks(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let lead: string[] = [];
  let open: { readonly language: string; readonly line: number; readonly text: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open !== undefined && line === '```') {
      blocks.push({ ...open, text: open.text.map((each) => `${each}\n`).join(''), lead: paragraph(lead) });
      [open, lead] = [undefined, []];
    } else if (open !== undefined) open.text.push(line);
    else if (line.startsWith('```')) open = { language: line.slice(3).trim(), line: index + 1, text: [] };
    else lead.push(line);
  }
  if (open !== undefined) throw new Error(`line ${open.line} of the page: the block has no end`);
  return blocks;
}

/** The last paragraph, on one line. */
function paragraph(lines: readonly string[]): string {
  return (
    lines
      .join('\n')
      .trim()
      .split(/\n\s*\n/)
      .at(-1)
      ?.replaceAll('\n', ' ') ?? ''
  );
}
