import { type Command, InvalidArgumentError } from 'commander';
import { type ControlClient, createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { readHooks } from '../../hooks/ledger/read-hooks.ts';
import type { HookList, HookStatus } from '../../hooks/office/hook-status.ts';
import { counted } from '../../words/amounts.ts';
import { textTable } from '../../words/text-table.ts';
import { inWords } from '../../words/time-span.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { findDataFolder } from '../find-data-folder.ts';

interface HooksOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly all?: boolean;
}

/** How many are listed without --all. */
const SHOWN = 50;

const HELP = `
A hook that its receiver does not take is tried again, at first after a second, later every five minutes, and those behind it in the same
workspace wait for it. After hooks.give_up_after (3 days) it is given up, and stays in the list for 90 days.

Examples:
  factory hooks                        what waits, since when and why; also while no factory runs
  factory hooks retry --all            the receiver is mended: try all of them now, also those that were given up
  factory hooks drop msg_0f3a…         never deliver this one`;

const LIST_HELP = `
Exit status: 0, also where hooks wait; 1 where the file of the hooks can not be read.

Examples:
  factory hooks
  factory hooks list --all --json | jq -r '.hooks[] | select(.next_at == null) | .id'     those that were given up`;

const RETRY_HELP = `
Asks the running factory (exit status 3 where none runs), and does not wait for the receivers.

Examples:
  factory hooks retry msg_0f3a9cbb0e2f4c7d8a1b2c3d4e5f6a7b
  factory hooks retry --all`;

const DROP_HELP = `
Asks the running factory (exit status 3 where none runs). Those behind it in the same workspace go on. An initialization that is dropped counts as refused.

Example:
  factory hooks drop msg_0f3a9cbb0e2f4c7d8a1b2c3d4e5f6a7b`;

export function addHooksCommands(program: Command, line: CommandLine): void {
  const parent = program
    .command('hooks')
    .description('the calls that labs ask for: list those that wait, try them now, drop them')
    .addHelpText('after', HELP);
  parent
    .command('list', { isDefault: true })
    .description('what waits for its receiver, and what was given up; the factory need not run')
    .addOption(configOption())
    .option('--all', `all of them, not the first ${SHOWN}`)
    .option('--json', 'for scripts')
    .addHelpText('after', LIST_HELP)
    .action((options: HooksOptions) => list(options, line));
  parent
    .command('retry')
    .description('try a hook now, or all')
    .argument('[id]', 'of the hook: msg_…', parseId)
    .option('--all', 'all that wait or were given up')
    .addOption(configOption())
    .addHelpText('after', RETRY_HELP)
    .action((id: string | undefined, options: HooksOptions, command: Command) => {
      if ((id === undefined) === (options.all === undefined)) {
        command.error('error: give the id of a hook, or --all');
      }
      return retry(id, options, line);
    });
  parent
    .command('drop')
    .description('never deliver a hook')
    .argument('<id>', 'of the hook: msg_…', parseId)
    .addOption(configOption())
    .addHelpText('after', DROP_HELP)
    .action((id: string, options: HooksOptions) => drop(id, options, line));
}

/** Rejects as `loadSettings` does, with `CONTROL_FAILED` and `HOOKS_UNREADABLE`. */
async function list(options: HooksOptions, line: CommandLine): Promise<void> {
  const data = await findDataFolder(options.config, line.surroundings);
  const most = options.all ? Number.MAX_SAFE_INTEGER : SHOWN;
  const found = await told(data, most, line.stop);
  const { say } = line.surroundings;
  say(options.json ? JSON.stringify(found, undefined, 2) : listText(found, Date.now()));
}

/** By the factory, or out of its file while none runs. */
async function told(data: string, most: number, stop: AbortSignal): Promise<HookList> {
  await using client = createControlClient(controlSocket(data));
  try {
    return await client.hooks.list(most, stop);
  } catch (error) {
    if (!(error instanceof FactoryError) || error.code !== 'NOT_RUNNING') throw error;
    return readHooks(data, most);
  }
}

async function retry(id: string | undefined, options: HooksOptions, line: CommandLine): Promise<void> {
  await using client = await connect(options, line);
  const count = await client.hooks.retry(id, line.stop);
  line.surroundings.say(`${counted(count, 'hook')} will be tried now; "factory hooks" shows what is left.`);
}

async function drop(id: string, options: HooksOptions, line: CommandLine): Promise<void> {
  await using client = await connect(options, line);
  await client.hooks.drop(id, line.stop);
  line.surroundings.say('It will not be delivered.');
}

async function connect(
  { config: file }: HooksOptions,
  { surroundings }: CommandLine,
): Promise<ControlClient> {
  return createControlClient(controlSocket(await findDataFolder(file, surroundings)), surroundings.login);
}

/** `now`: ms since the epoch. */
function listText({ waiting, given_up: givenUp, hooks }: HookList, now: number): string {
  if (waiting + givenUp === 0) return 'No hook waits, and none was given up.';
  const head = ['ID', 'WORKSPACE', 'HOOK', 'SINCE', 'TRIES', 'NEXT', 'WHY'];
  const left = waiting + givenUp - hooks.length;
  return [
    `${counted(waiting, 'hook')} waiting, ${givenUp} given up`,
    '',
    ...textTable([head, ...hooks.map((hook) => cells(hook, now))]),
    ...(left > 0 ? [`and ${left} more: --all`] : []),
  ].join('\n');
}

function cells({ id, user, lab, hook, created_at, attempts, next_at, last_error }: HookStatus, now: number) {
  const next =
    next_at === null ? 'given up' : Date.parse(next_at) <= now ? 'now' : inWords(Date.parse(next_at) - now);
  return [
    id,
    `${user}/${lab}`,
    hook,
    inWords(now - Date.parse(created_at)),
    String(attempts),
    next,
    last_error ?? '',
  ];
}

function parseId(text: string): string {
  if (/^msg_[0-9a-f]{32}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the id of a hook, msg_…, as "factory hooks" lists it.');
}
