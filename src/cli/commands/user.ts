import { type Command, InvalidArgumentError } from 'commander';
import { createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { RememberedAccount, UserAccounts } from '../../identity/describe-user.ts';
import { parseUsername, type Username } from '../../names/username.ts';
import { textTable } from '../../words/text-table.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { findDataFolder } from '../find-data-folder.ts';
import { offline } from '../offline-command.ts';

interface UserOptions {
  readonly config?: string;
  readonly json?: boolean;
}

const HELP = `
A user name at GitHub can be given up and be taken by somebody else. So the factory remembers which account each name was at its first login,
and lets nobody in by a name that comes back as another one, until you say that it is right. It works with a factory that runs and without.

Examples:
  factory user list                    who has logged in, and who is refused
  factory user accept alice            the account that is called alice now is the right one
  factory who alice                    the rest of what is known of her`;

const ACCEPT_HELP = `
Whoever is called so now gets the workspaces of this name, with all files in them; to have them made anew: factory workspace delete alice/k3s --home

Exit status: 0, or 1 where no account is remembered for the name.

Examples:
  factory user accept alice
  factory user accept alice --json     what it was, and what it is from now on`;

const LIST_HELP = `
Of sources that have no ids of accounts (key files, the own keys) nothing is remembered, and nobody of them is listed.

Examples:
  factory user list
  factory user list --json | jq '.users[] | select(.refused)'`;

/** `factory user …`, for the operator. */
export function addUserCommands(program: Command, line: CommandLine): void {
  const user = program
    .command('user')
    .description('which accounts the user names are; let in one that has changed')
    .addHelpText('after', HELP);
  user
    .command('list')
    .description('the accounts that are remembered, and who is refused')
    .addOption(configOption())
    .option('--json', 'print it as JSON')
    .addHelpText('after', LIST_HELP)
    .action((options: UserOptions) =>
      withAccounts(options, line, (accounts) => list(accounts, options, line)),
    );
  user
    .command('accept')
    .description('take the account that a name was refused for as the right one')
    .argument('<name>', 'the user', parseUser)
    .addOption(configOption())
    .option('--json', 'print it as JSON')
    .addHelpText('after', ACCEPT_HELP)
    .action((name: Username, options: UserOptions) =>
      withAccounts(options, line, (accounts) => accept(accounts, name, options, line)),
    );
}

/** Those of the running factory; where none runs, those on its disk. Rejects as `offline` does. */
async function withAccounts(
  { config: file }: UserOptions,
  line: CommandLine,
  action: (accounts: UserAccounts) => Promise<void>,
): Promise<void> {
  const data = await findDataFolder(file, line.surroundings);
  await using client = createControlClient(controlSocket(data), line.surroundings.login);
  try {
    await action(client.users);
  } catch (error) {
    if (!(error instanceof FactoryError) || error.code !== 'NOT_RUNNING') throw error;
    await offline(file, line, async ({ config }) => {
      const { openOfflineIdentity } = await import('../../composition/offline/offline-identity.ts');
      const { home, env } = line.surroundings;
      await using identity = openOfflineIdentity(config, { home, agentSocket: env.SSH_AUTH_SOCK });
      await action(identity.accounts);
    });
  }
}

async function list(
  accounts: UserAccounts,
  { json }: UserOptions,
  { surroundings: { say }, stop }: CommandLine,
): Promise<void> {
  const users = await accounts.list(stop);
  if (json) return say(JSON.stringify({ users: users.map(asJson) }));
  if (users.length === 0) return say('No account is remembered: nobody has logged in by a name that is one.');
  const rows = users.map((account) => [
    account.user,
    account.source,
    account.id === undefined ? 'unreadable' : String(account.id),
    account.id === undefined ? '-' : new Date(account.since).toISOString().slice(0, 10),
    stateText(account),
  ]);
  say(textTable([['USER', 'SOURCE', 'ACCOUNT', 'SINCE', 'STATE'], ...rows]).join('\n'));
}

async function accept(
  accounts: UserAccounts,
  name: Username,
  { json }: UserOptions,
  { surroundings: { say }, stop }: CommandLine,
): Promise<void> {
  const before = await accounts.accept(name, stop);
  const { source, id, refused } = before;
  if (json)
    return say(JSON.stringify({ user: name, source, before: id ?? null, now: refused?.id ?? id ?? null }));
  if (id === undefined)
    return say(`What was remembered of ${name} is forgotten; the next account that comes is the right one.`);
  if (refused === undefined)
    return say(`${name} is account ${id} of ${source}, and is not refused; nothing was changed.`);
  say(`${name} is account ${refused.id} of ${source} from now on; before it was ${id}.`);
}

function stateText({ id, refused }: RememberedAccount): string {
  if (id === undefined) return 'refused: the file cannot be read';
  if (refused === undefined) return 'known';
  return `refused: it is account ${refused.id} since ${new Date(refused.since).toISOString().slice(0, 10)}`;
}

function asJson({ user, source, id, since, refused }: RememberedAccount): object {
  return {
    user,
    source,
    account: id ?? null,
    since: id === undefined ? null : new Date(since).toISOString(),
    refused:
      refused === undefined ? null : { account: refused.id, since: new Date(refused.since).toISOString() },
  };
}

function parseUser(text: string): Username {
  const user = parseUsername(text);
  if (user !== undefined) return user;
  throw new InvalidArgumentError('It must be a user name, such as alice.');
}
