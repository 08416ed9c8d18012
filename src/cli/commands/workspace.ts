import { type Command, Option } from 'commander';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { giveOrders, type OrderOptions } from '../orders/give-orders.ts';
import { confirmOrder, type RiskyOptions, timeoutOption } from '../orders/order-options.ts';
import type { Order } from '../orders/order-text.ts';
import { parsePinEnd, parsePinSpan } from '../orders/pin-time.ts';
import { collectWorkspaces, parseWorkspace } from '../workspace-argument.ts';

interface SleepOptions extends OrderOptions {
  readonly all?: boolean;
  readonly endSessions?: boolean;
}
interface ResetOptions extends OrderOptions, RiskyOptions {
  readonly cluster?: boolean;
  readonly container?: boolean;
}
interface DeleteOptions extends OrderOptions, RiskyOptions {
  readonly home?: boolean;
  readonly endSessions?: boolean;
}
interface PinOptions extends OrderOptions {
  /** ms */
  readonly for?: number;
  readonly until?: string;
}

const HELP = `
Each waits until what it asks for is so; --timeout ends the wait, not the order. A new session ends any order but a pin: whoever comes gets
a workspace that is awake.

Examples:
  factory workspace suspend alice/k3s                 pause it now, without the grace time
  factory workspace stop --all --end-sessions         free the memory of all, whoever is there
  factory workspace reset alice/k3s                   a new cluster; the old one's state is kept aside
  factory workspace pin alice/k3s --for 2h            awake for a demonstration, whoever is there`;

const END_SESSIONS = [
  '--end-sessions',
  'tell who is there, and end their sessions; else it is refused',
] as const;

/** `factory workspace …`, for the operator of a running factory. */
export function addWorkspaceCommands(program: Command, line: CommandLine): void {
  const workspace = program
    .command('workspace')
    .description('put workspaces to sleep, wake, reset, delete or pin them')
    .addHelpText('after', HELP);
  addSleepCommand(workspace, line, 'suspend', 'pause now, until somebody comes');
  addSleepCommand(workspace, line, 'stop', 'stop now, until somebody comes; frees the memory');
  addStartCommand(workspace, line);
  addResetCommand(workspace, line);
  addDeleteCommand(workspace, line);
  addPinCommand(workspace, line);
  addUnpinCommand(workspace, line);
}

function addSleepCommand(
  parent: Command,
  line: CommandLine,
  kind: 'suspend' | 'stop',
  description: string,
): void {
  several(parent.command(kind).description(description), true)
    .option('--all', 'all that are more awake than that')
    .option(...END_SESSIONS)
    .addHelpText('after', examples(`${kind} alice/k3s bob/k3s`, `${kind} --all --end-sessions`))
    .action((keys: readonly WorkspaceKey[] = [], options: SleepOptions, command: Command) => {
      if ((keys.length === 0) !== (options.all === true)) {
        command.error('error: name workspaces, such as alice/k3s, or give --all');
      }
      const order: Order = { kind, end_sessions: options.endSessions === true };
      return giveOrders(order, options.all ? 'all' : keys, options, line);
    });
}

function addStartCommand(parent: Command, line: CommandLine): void {
  several(parent.command('start').description('wake up; the grace time begins when it is awake'))
    .addHelpText('after', examples('start alice/k3s'))
    .action((keys: readonly WorkspaceKey[], options: OrderOptions) =>
      giveOrders({ kind: 'start' }, keys, options, line),
    );
}

function addResetCommand(parent: Command, line: CommandLine): void {
  risky(parent.command('reset').description('make the cluster (or the container) anew; the home stays'))
    .addOption(new Option('--cluster', 'a new cluster; the state of the old one is kept aside (the default)'))
    .addOption(
      new Option('--container', 'a new container from its image; sessions in it end').conflicts('cluster'),
    )
    .addHelpText('after', examples('reset alice/k3s', 'reset alice/k3s --container --yes'))
    .action(async (key: WorkspaceKey, options: ResetOptions, command: Command) => {
      const part = options.container ? 'container' : 'cluster';
      await confirmOrder(key, RESET_COSTS[part], 'reset', options, command, line);
      await giveOrders({ kind: 'reset', part }, [key], options, line);
    });
}

const RESET_COSTS = {
  cluster:
    'Everything in the cluster stops, and a new, empty one is made. The state of the old one is kept aside.',
  container:
    'The container is made anew from its image: sessions in it end, and what was installed or changed outside of the home is gone.',
} as const;

function addDeleteCommand(parent: Command, line: CommandLine): void {
  risky(parent.command('delete').description('remove container, cluster and networks; the home stays'))
    .option('--home', 'the home as well, with all files in it')
    .option(...END_SESSIONS)
    .addHelpText('after', examples('delete alice/k3s', 'delete alice/k3s --home --yes'))
    .action(async (key: WorkspaceKey, options: DeleteOptions, command: Command) => {
      const { home = false, endSessions = false } = options;
      const rest = home ? ' The home goes as well, with all files in it.' : ' The home stays.';
      const costs = `Container and cluster are removed, for good, with all that is in them.${rest}`;
      await confirmOrder(key, costs, 'delete', options, command, line);
      await giveOrders({ kind: 'delete', home, end_sessions: endSessions }, [key], options, line);
    });
}

function addPinCommand(parent: Command, line: CommandLine): void {
  several(parent.command('pin').description('wake up and keep awake until a time, whoever is there'))
    .addOption(new Option('--for <time>', 'for so long, such as 2h').argParser(parsePinSpan))
    .addOption(
      new Option('--until <time>', 'until then, such as 2026-11-29T18:00')
        .argParser((text) => parsePinEnd(text))
        .conflicts('for'),
    )
    .addHelpText('after', examples('pin alice/k3s --for 2h', 'pin alice/k3s --until 2026-11-29T18:00'))
    .action(
      (keys: readonly WorkspaceKey[], { for: span, until, ...options }: PinOptions, command: Command) => {
        if (span === undefined && until === undefined) {
          command.error('error: give --for or --until, such as --for 2h');
        }
        const end = until === undefined ? { for_ms: span } : { until };
        return giveOrders({ kind: 'pin', ...end }, keys, options, line);
      },
    );
}

function addUnpinCommand(parent: Command, line: CommandLine): void {
  several(parent.command('unpin').description('let it go to sleep again'))
    .addHelpText('after', examples('unpin alice/k3s'))
    .action((keys: readonly WorkspaceKey[], options: OrderOptions) =>
      giveOrders({ kind: 'unpin' }, keys, options, line),
    );
}

/** The same options in all of them. */
function shared(command: Command): Command {
  return command
    .addOption(configOption())
    .addOption(timeoutOption())
    .option('--json', 'print what is now so as JSON');
}

/** A command that takes several workspaces. */
function several(command: Command, orAll = false): Command {
  const argument = orAll ? '[workspaces...]' : '<workspaces...>';
  return shared(command.argument(argument, 'such as alice/k3s', collectWorkspaces));
}

/** A command that cannot be undone: one workspace at a time, and it is asked for once more. */
function risky(command: Command): Command {
  return shared(command.argument('<workspace>', 'such as alice/k3s', parseWorkspace)).option(
    '--yes',
    'do not ask',
  );
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((text) => `  factory workspace ${text}`).join('\n')}`;
}
