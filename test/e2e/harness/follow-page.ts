import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { type CommandsStep, type FileStep, outputPattern, readPage } from './literate-page.ts';
import { LiveProgram } from './live-program.ts';

export interface PageSurroundings {
  /** Where the reader is when the page begins; absolute, and empty but for what the page takes for granted. */
  readonly folder: string;
  /** Added to the test's own. */
  readonly env: Readonly<Record<string, string>>;
  /** What stands in the page as a word, and what is taken in its place, such as a port that is free here. */
  readonly replace: ReadonlyMap<string, string>;
  /** How long one block of commands may take; ms. */
  readonly within: number;
}

/** Of timeout(1), which ends all that a block of commands started; another 137 where that needed SIGKILL. */
const TIMED_OUT = 124;
/** How long Ctrl-C may take; ms. */
const INTERRUPT_WITHIN = 120_000;

/**
 * Does what a page says (`readPage`), as one reader in one folder: a block goes on where the one before ended, with its
 * folder and its variables. Rejects with the line of the first block that does not go as written. What still runs
 * when the page ends is interrupted, too.
 */
export async function followPage(markdown: string, surroundings: PageSurroundings): Promise<void> {
  const running: LiveProgram[] = [];
  const interruptAll = async () => {
    for (const program of running.splice(0)) await interrupt(program);
  };
  try {
    for (const step of readPage(replaceWords(markdown, surroundings.replace))) {
      if (step.kind === 'file') await writeFileOf(step, surroundings);
      else {
        if (step.afterInterrupt) await interruptAll();
        if (step.keepsRunning) running.push(await startProgram(step, surroundings));
        else await runCommands(step, surroundings);
      }
    }
  } finally {
    await interruptAll();
  }
}

function replaceWords(markdown: string, replace: ReadonlyMap<string, string>): string {
  return [...replace].reduce(
    (text, [written, taken]) => text.replaceAll(new RegExp(`(?<![\\w-])${written}(?![\\w-])`, 'g'), taken),
    markdown,
  );
}

async function writeFileOf({ path, how, text }: FileStep, { folder }: PageSurroundings): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await (how === 'append' ? appendFile : writeFile)(file, text);
}

async function runCommands(step: CommandsStep, surroundings: PageSurroundings): Promise<void> {
  const { typed, exitCode, shows } = step;
  const { folder, within } = surroundings;
  const script = `${TAKE_OVER}trap 'declare -p >"$PAGE_STATE"' EXIT\nset -e -o pipefail\n${step.script}`;
  const seconds = String(within / 1_000);
  const result = await execa('timeout', ['--kill-after=2', seconds, 'bash', '--norc', '-c', script], {
    cwd: folder,
    env: environment(surroundings),
    reject: false,
    // Without a terminal to ask, ssh never waits for a person.
    detached: true,
    ...(typed === undefined ? { stdin: 'ignore' } : { input: typed }),
  });
  const shown = result.stdout ?? '';
  if (result.exitCode === TIMED_OUT) throw unlike(step, `not done within ${seconds} s`, shown);
  if (result.exitCode !== exitCode) throw unlike(step, `exit code ${result.exitCode}`, shown);
  if (shows !== undefined && !outputPattern(shows).test(shown)) throw unlike(step, 'another output', shown);
}

/** Resolves when it shows what the page says. */
async function startProgram(step: CommandsStep, surroundings: PageSurroundings): Promise<LiveProgram> {
  const { folder, within } = surroundings;
  const program = new LiveProgram('bash', ['--norc', '-c', `${TAKE_OVER}exec ${step.script}`], {
    cwd: folder,
    env: environment(surroundings),
  });
  try {
    await program.shows(outputPattern(step.shows ?? '…'), within);
    return program;
  } catch (error) {
    await interrupt(program);
    throw unlike(step, String(error), program.output);
  }
}

/** Bash that goes on with the folder and the variables of the block before; what it may not set it says nothing about. */
const TAKE_OVER = 'exec 2>&1; [ -e "$PAGE_STATE" ] && . "$PAGE_STATE" 2>/dev/null && cd "$PWD"\n';

function environment({ folder, env }: PageSurroundings): Record<string, string> {
  return { ...env, PAGE_STATE: join(folder, '.page-state') };
}

async function interrupt(program: LiveProgram): Promise<void> {
  program.signal('SIGINT');
  await program.ended(INTERRUPT_WITHIN);
}

function unlike(step: CommandsStep, what: string, shown: string): Error {
  const expected = step.shows === undefined ? '' : `\nThe page says:\n${step.shows}`;
  return new Error(
    `line ${step.line} of the page: ${what}:\n${step.script}\nIt showed:\n${shown}${expected}`,
  );
}
