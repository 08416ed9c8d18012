import { type Command, InvalidArgumentError } from 'commander';
import { createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { parseUsername, type Username } from '../../names/username.ts';
import type { WhoReport } from '../../who/who-schema.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { findDataFolder } from '../find-data-folder.ts';
import { offline } from '../offline-command.ts';
import { whoText } from '../who/who-text.ts';

interface WhoOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** For a look at the identity sources; ms. */
const LOOK_LIMIT = 30_000;

const HELP = `
A factory that runs is asked; without one the files say what it would know. Of a name that nobody knows it is told what a login would be answered.

Exit status: 0, also where no source knows the name; 78 where no factory runs and the configuration has a mistake.

Examples:
  factory who alice                     her keys, groups, labs, and where each setting comes from
  factory who alice --json | jq -r '.labs[].settings[] | select(.from == "group") | .key'`;

export function addWhoCommand(program: Command, line: CommandLine): void {
  program
    .command('who')
    .description('tell who somebody is here: source, keys, groups, labs, and their settings')
    .argument('<user>', 'a user name', parseUser)
    .addOption(configOption())
    .option('--json', 'for scripts')
    .addHelpText('after', HELP)
    .action((user: Username, options: WhoOptions) => who(user, options, line));
}

function parseUser(text: string): Username {
  const user = parseUsername(text);
  if (user !== undefined) return user;
  throw new InvalidArgumentError(
    'It must be a user name: letters, digits and single hyphens between them, at most 39. A login by any other name is refused.',
  );
}

async function who(user: Username, options: WhoOptions, line: CommandLine): Promise<void> {
  const { say, workingFolder } = line.surroundings;
  const report = await reportOn(user, options, line);
  say(options.json ? JSON.stringify(report, undefined, 2) : whoText(report, workingFolder));
}

async function reportOn(user: Username, options: WhoOptions, line: CommandLine): Promise<WhoReport> {
  const { surroundings, stop } = line;
  const data = await findDataFolder(options.config, surroundings);
  await using client = createControlClient(controlSocket(data));
  try {
    return await client.who(user, stop);
  } catch (error) {
    if (!(error instanceof FactoryError) || error.code !== 'NOT_RUNNING') throw error;
  }
  const { whoIsOffline } = await import('../../composition/offline/offline-who.ts');
  return offline(options.config, line, (settings) =>
    whoIsOffline(
      { ...settings, home: surroundings.home, agentSocket: surroundings.env.SSH_AUTH_SOCK },
      user,
      AbortSignal.any([stop, AbortSignal.timeout(LOOK_LIMIT)]),
    ),
  );
}
