import { styleText } from 'node:util';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { logsText } from '../../api/cluster-status.ts';
import type { Cluster, ClusterApiClient, ClusterProgress } from '../../api-client/cluster-api-client.ts';
import { duration } from '../../config/values.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { eventLine } from '../../history/event-line.ts';
import { parseLabName } from '../../names/lab-name.ts';
import { type NodeName, parseNodeName } from '../../names/node-name.ts';
import { parseUsername } from '../../names/username.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import { type ConnectionOptions, connectToApi, withConnection } from '../cluster-api-connection.ts';
import type { CommandLine } from '../command-line.ts';
import { parseCount } from '../count-argument.ts';
import {
  confirmOrder,
  interruptedOrder,
  lateOrder,
  type RiskyOptions,
  timeoutOption,
} from '../orders/order-options.ts';
import { clusterTable, clusterText } from '../status/cluster-text.ts';
import { watchText } from '../status/watch-cluster.ts';
import { parseWorkspace } from '../workspace-argument.ts';

interface ReadOptions extends ConnectionOptions {
  readonly json?: boolean;
}
interface ListOptions extends ReadOptions {
  readonly user?: string;
  readonly lab?: string;
}
interface StatusOptions extends ReadOptions {
  readonly watch?: boolean;
}
interface OrderOptions extends ReadOptions, RiskyOptions {
  /** ms */
  readonly timeout: number;
}
interface EventsOptions extends ReadOptions {
  readonly follow?: boolean;
  /** ms */
  readonly since?: number;
  readonly limit?: number;
}

/** Between two looks at one, ms. */
const LOOK_EVERY = 2_000;

const HELP = `
For instructors and operators, over the HTTP API. Without --server it is the factory of this machine, of which whoever may open its control
socket may do everything. An instructor gives --server and a token, which "factory token create" makes.

Examples:
  factory cluster list                                  the clusters of this machine's factory
  factory cluster status alice/k3s --watch              one of them, again and again
  factory cluster start alice/k3s                       have it of use, and see what is done for it
  factory cluster kubeconfig alice/k3s > alice.yaml     for kubectl, through the public entry point
  factory cluster list --server https://lab.example.org --token-file carol.token`;

/** `factory cluster …`: the clusters alone; `factory workspace …` is for all of a workspace. */
export function addClusterCommands(program: Command, line: CommandLine): void {
  const cluster = program
    .command('cluster')
    .description('see and order the clusters of workspaces, of this factory or another')
    .addHelpText('after', HELP);
  addListCommand(cluster, line);
  addStatusCommand(cluster, line);
  addStartCommand(cluster, line);
  addOrderCommand(cluster, line, 'suspend', 'pause it, whoever is in the workspace, until somebody wants it');
  addOrderCommand(cluster, line, 'stop', 'stop it and free its memory, until somebody wants it');
  addRiskyCommand(cluster, line, 'reset');
  addRiskyCommand(cluster, line, 'delete');
  addNodeCommands(cluster, line);
  addKubeconfigCommand(cluster, line);
  addLogsCommand(cluster, line);
  addEventsCommand(cluster, line);
}

function addListCommand(parent: Command, line: CommandLine): void {
  withConnection(parent.command('list').description('list the clusters that you may see'))
    .option('--user <name>', 'only those of this user', userArgument)
    .option('--lab <name>', 'only those of this lab', labArgument)
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples('list', 'list --lab k3s --json'))
    .action(async ({ user, lab, json, ...options }: ListOptions) => {
      const { say } = line.surroundings;
      await using connection = await connectToApi(options, line.surroundings);
      const filter = { ...(user === undefined ? {} : { user }), ...(lab === undefined ? {} : { lab }) };
      const clusters = await connection.client.list(filter, line.stop);
      say(json ? JSON.stringify({ clusters }) : clusterTable(clusters, Date.now()));
    });
}

function addStatusCommand(parent: Command, line: CommandLine): void {
  one(parent.command('status').description('tell all that is known of a cluster'))
    .option('--watch', 'again and again, until q or ^C')
    .option('--json', 'print it as JSON; with --watch a line with each change')
    .addHelpText('after', examples('status alice/k3s', 'status alice/k3s --watch'))
    .action(async (key: WorkspaceKey, { watch, json, ...options }: StatusOptions) => {
      const { say } = line.surroundings;
      await using connection = await connectToApi(options, line.surroundings);
      const look = async (signal: AbortSignal) => {
        const status = await connection.client.status(key, signal);
        return (now: number) => (json ? JSON.stringify(status) : clusterText(status, now));
      };
      if (watch) return watchText({ look, every: LOOK_EVERY, say }, line.stop);
      say((await look(line.stop))(Date.now()));
    });
}

function addStartCommand(parent: Command, line: CommandLine): void {
  order(parent.command('start').description('have it of use: made, started or resumed, whatever it takes'))
    .addHelpText('after', examples('start alice/k3s', 'start alice/k3s --timeout 10m --json'))
    .action((key: WorkspaceKey, options: OrderOptions) => {
      const onProgress = (progress: ClusterProgress): void => {
        if (!options.json) line.surroundings.complain(progressText(progress));
      };
      return give(key, (client, signal) => client.ensure(key, { onProgress }, signal), options, line);
    });
}

function addOrderCommand(
  parent: Command,
  line: CommandLine,
  kind: 'suspend' | 'stop',
  description: string,
): void {
  order(parent.command(kind).description(description))
    .addHelpText('after', examples(`${kind} alice/k3s`))
    .action((key: WorkspaceKey, options: OrderOptions) =>
      give(key, (client, signal) => client[kind](key, {}, signal), options, line),
    );
}

const RISKY = {
  reset: {
    description: 'a new cluster; the state of the old one is kept aside',
    costs:
      'Everything in the cluster stops, and a new, empty one is made. The state of the old one is kept aside.',
    call: 'reset',
  },
  delete: {
    description: 'delete it, with all that is in it; container and home stay',
    costs: 'The cluster is deleted, for good, with all that is in it. Container and home stay.',
    call: 'remove',
  },
} as const;

function addRiskyCommand(parent: Command, line: CommandLine, kind: keyof typeof RISKY): void {
  const { description, costs, call } = RISKY[kind];
  order(parent.command(kind).description(description))
    .option('--yes', 'do not ask')
    .addHelpText('after', examples(`${kind} alice/k3s`, `${kind} alice/k3s --yes`))
    .action(async (key: WorkspaceKey, options: OrderOptions, command: Command) => {
      await confirmOrder(key, costs, kind, options, command, line);
      await give(key, (client, signal) => client[call](key, {}, signal), options, line);
    });
}

function addNodeCommands(parent: Command, line: CommandLine): void {
  const node = parent.command('node').description('lose an agent, and have it back: an exercise');
  const kinds = [
    ['stop', 'stopNode', 'stop an agent, as a node that is lost'],
    ['start', 'startNode', 'start an agent that was stopped so'],
  ] as const;
  for (const [kind, call, description] of kinds) {
    order(node.command(kind).description(description))
      .argument('<node>', 'such as agent-0', nodeArgument)
      .addHelpText('after', examples(`node ${kind} alice/k3s agent-0`))
      .action((key: WorkspaceKey, name: NodeName, options: OrderOptions) =>
        give(key, (client, signal) => client[call](key, name, {}, signal), options, line),
      );
  }
}

function addKubeconfigCommand(parent: Command, line: CommandLine): void {
  one(parent.command('kubeconfig').description('print a kubeconfig'))
    .addOption(
      new Option('--for <place>', 'where it is used: on any machine, or within the lab container')
        .choices(['outside', 'container'])
        .default('outside'),
    )
    .addHelpText('after', examples('kubeconfig alice/k3s > alice.yaml'))
    .action(async (key: WorkspaceKey, options: ConnectionOptions & { for: 'outside' | 'container' }) => {
      await using connection = await connectToApi(options, line.surroundings);
      line.surroundings.say((await connection.client.kubeconfig(key, options.for, line.stop)).trimEnd());
    });
}

function addLogsCommand(parent: Command, line: CommandLine): void {
  one(parent.command('logs').description('print what the nodes say, and said when they last failed'))
    .option('-n, --lines <number>', 'how many of each, the last ones', parseCount, 200)
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples('logs alice/k3s', 'logs alice/k3s --lines 1000'))
    .action(async (key: WorkspaceKey, { lines, json, ...options }: ReadOptions & { lines: number }) => {
      await using connection = await connectToApi(options, line.surroundings);
      const logs = await connection.client.logs(key, { lines }, line.stop);
      line.surroundings.say(json ? JSON.stringify(logs) : logsText(logs).trimEnd());
    });
}

function addEventsCommand(parent: Command, line: CommandLine): void {
  one(parent.command('events').description('tell what happened to the workspace'))
    .option('-f, --follow', 'go on with what happens from now on, until ^C')
    .option('-s, --since <time>', 'how far to look back: 30m, 2h, 7d', sinceArgument)
    .option('-n, --limit <number>', 'how many of the past, the last ones', parseCount)
    .option('--json', 'lines of JSON, for scripts')
    .addHelpText('after', examples('events alice/k3s --since 2h', 'events alice/k3s --follow --json'))
    .action(async (key: WorkspaceKey, { follow, since, limit, json, ...options }: EventsOptions) => {
      const { say } = line.surroundings;
      await using connection = await connectToApi(options, line.surroundings);
      const asked = { follow, limit, since: since === undefined ? undefined : Date.now() - since };
      // Paints only where standard output is a terminal.
      const paint = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text);
      try {
        for await (const event of connection.client.events(key, asked, line.stop)) {
          say(json ? JSON.stringify(event) : eventLine(event, Date.now(), paint));
        }
      } catch (error) {
        if (!line.stop.aborted) throw error;
      }
    });
}

/** Gives the order and says what is so then. Rejects with `TIMED_OUT`, `INTERRUPTED`, and as the client does. */
async function give(
  key: WorkspaceKey,
  call: (client: ClusterApiClient, signal: AbortSignal) => Promise<Cluster>,
  { timeout, json, ...options }: OrderOptions,
  { surroundings, stop }: CommandLine,
): Promise<void> {
  await using connection = await connectToApi(options, surroundings);
  const deadline = AbortSignal.timeout(timeout);
  try {
    const status = await call(connection.client, AbortSignal.any([stop, deadline]));
    surroundings.say(json ? JSON.stringify(status) : clusterText(status, Date.now()));
  } catch (error) {
    if (error instanceof FactoryError) throw error;
    if (stop.aborted) throw interruptedOrder();
    if (deadline.aborted) throw lateOrder(timeout, `factory cluster status ${key.user}/${key.lab}`);
    throw error;
  }
}

/** A command about one cluster. */
function one(command: Command): Command {
  return withConnection(command.argument('<user/lab>', 'such as alice/k3s', parseWorkspace));
}

/** One that waits until what it asks for is so. */
function order(command: Command): Command {
  return one(command).addOption(timeoutOption()).option('--json', 'print what is then so as JSON');
}

function progressText({ part, action, step }: ClusterProgress): string {
  return step === '' ? `${part}: ${action}` : `${part}: ${action}, ${step}`;
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((text) => `  factory cluster ${text}`).join('\n')}`;
}

function userArgument(text: string): string {
  if (parseUsername(text) !== undefined) return text;
  throw new InvalidArgumentError('It must be the name of a user.');
}

function labArgument(text: string): string {
  if (parseLabName(text) !== undefined) return text;
  throw new InvalidArgumentError('It must be the name of a lab.');
}

function nodeArgument(text: string): NodeName {
  const node = parseNodeName(text);
  if (node !== undefined) return node;
  throw new InvalidArgumentError('It must be a node such as agent-0.');
}

function sinceArgument(text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Type a time such as 30m, 2h or 7d.');
}
