import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { LiveProgram } from './live-program.ts';
import { PROGRAM } from './set-up.ts';

export interface CommandOutcome {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandSurroundings {
  /** For standard input, which is empty else. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** ms */
const LONGEST = 240_000;

/** `factory <args> --config factory.yaml` in a folder that `writeFactoryFiles` filled, to its end. Never rejects for what it says. */
export async function runFactory(
  folder: string,
  args: readonly string[],
  { input, env = {} }: CommandSurroundings = {},
): Promise<CommandOutcome> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, commandLine(args), {
    cwd: folder,
    env: { ...environment(folder), ...env },
    reject: false,
    timeout: LONGEST,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
  return { code: exitCode, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** The same, killed with SIGKILL as soon as it shows `text`. */
export async function killFactoryAt(folder: string, args: readonly string[], text: string): Promise<void> {
  await using program = new LiveProgram(process.execPath, commandLine(args), {
    cwd: folder,
    env: environment(folder),
  });
  await program.shows(text);
  program.signal('SIGKILL');
  const { signal } = await program.ended();
  if (signal !== 'SIGKILL') throw new Error(`it was done before it could be killed:\n${program.output}`);
}

/** Puts `./factory` into the folder, as a checkout has it, so that commands of the docs can be typed there. */
export async function putFactoryCommand(folder: string): Promise<void> {
  const file = join(folder, 'factory');
  await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  await chmod(file, 0o755);
}

function commandLine(args: readonly string[]): string[] {
  return [PROGRAM, ...args, '--config', 'factory.yaml'];
}

function environment(folder: string): Record<string, string> {
  return { FACTORY_SETUP: join(folder, 'setup.json') };
}
