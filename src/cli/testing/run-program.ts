import { join } from 'node:path';
import type { Command } from 'commander';
import { createProgram } from '../program.ts';

/** What a command line did. */
export interface Outcome {
  /** On standard output, and on standard error. */
  readonly said: string;
  readonly complained: string;
  /** The status that the command asked for; 0 where it asked for none. */
  readonly status: number;
  /** What it rejected with; of a usage error commander's own. */
  readonly error: unknown;
}

/** Runs a command line in this process, in a folder that is working folder and home; no command can start a factory. */
export async function runProgram(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const said: string[] = [];
  const complained: string[] = [];
  let status = 0;
  const surroundings = {
    env: { FACTORY_SETUP: join(folder, 'none.json'), ...env },
    workingFolder: folder,
    home: folder,
    login: 'ida',
    say: (text: string) => void said.push(text),
    complain: (text: string) => void complained.push(text),
  };
  const nothing = () => Promise.reject(new Error('nothing is started'));
  const program = createProgram('0.0.0', {
    surroundings,
    starts: { factory: nothing, clusterService: nothing },
    stop: new AbortController().signal,
    exitWith: (given) => {
      status = given;
    },
  });
  // A usage error ends the program; here it is thrown.
  for (const command of withThoseBelow(program)) {
    command.exitOverride().configureOutput({ writeErr: (text) => void complained.push(text) });
  }
  const error: unknown = await program.parseAsync([...args], { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { said: said.join('\n'), complained: complained.join('\n'), status, error };
}

function withThoseBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withThoseBelow)];
}
