import type { Exit } from '../channels/exit.ts';
import type { SessionChannel } from '../channels/session-channel.ts';
import { type ClusterWords, clusterCommand } from './cluster.ts';
import { extendCommand } from './extend.ts';
import { type CommandContext, type GatewayCommand, type LabFreeContext, USAGE } from './gateway-command.ts';
import { helpCommand } from './help.ts';
import { kubeconfigCommand } from './kubeconfig.ts';
import { labsCommand } from './labs.ts';
import { rescueCommand } from './rescue.ts';
import { resetCommand } from './reset.ts';
import { statusCommand } from './status.ts';

const COMMANDS: readonly GatewayCommand[] = [
  statusCommand,
  labsCommand,
  extendCommand,
  kubeconfigCommand,
  rescueCommand,
  resetCommand,
];

type CommandSurroundings = Pick<
  CommandContext,
  'channel' | 'lease' | 'lab' | 'otherLabs' | 'labs' | 'destination' | 'clock'
> & {
  /** Undefined: there is no `@cluster`. */
  readonly runCluster?: ClusterWords | undefined;
};

/** Whether a command line is for the gateway and not for the container. */
export function isGatewayCommand(commandLine: string): boolean {
  return commandLine.startsWith('@');
}

/** Carries out a command line that starts with '@'. Rejects with what the command rejects with. */
export async function runGatewayCommand(
  commandLine: string,
  { runCluster, ...base }: CommandSurroundings,
): Promise<Exit> {
  const { name, rest } = parse(commandLine);
  const commands = commandsWith(runCluster);
  const context: CommandContext = {
    ...base,
    ...outputOf(base.channel),
    rest,
    args: rest.split(/\s+/).filter((word) => word !== ''),
  };
  const command = commands.find((each) => each.name === name);
  return command === undefined ? unknownCommand(commands, context) : await command.run(context);
}

/** The same where no lab is chosen yet; undefined: the command needs one. */
export async function runWithoutLab(
  commandLine: string,
  {
    runCluster,
    channel,
    ...base
  }: Pick<CommandSurroundings, 'runCluster' | 'channel' | 'destination' | 'labs'>,
): Promise<Exit | undefined> {
  const { name } = parse(commandLine);
  const commands = commandsWith(runCluster);
  const context: LabFreeContext = { ...base, ...outputOf(channel) };
  const command = [helpCommand(commands.slice(1)), labsCommand].find((each) => each.name === name);
  if (command !== undefined) return await command.run(context);
  return commands.some((each) => each.name === name) ? undefined : unknownCommand(commands, context);
}

function parse(commandLine: string): { readonly name: string; readonly rest: string } {
  const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(commandLine.trim()) ?? [];
  return { name, rest };
}

/** `@help` first. */
function commandsWith(runCluster: ClusterWords | undefined): readonly GatewayCommand[] {
  const others = runCluster === undefined ? COMMANDS : [...COMMANDS, clusterCommand(runCluster)];
  return [helpCommand(others), ...others];
}

function unknownCommand(commands: readonly GatewayCommand[], { note }: LabFreeContext): Exit {
  const names = commands.map(({ name }) => name).join(', ');
  note(`There is no such command. Commands for the gateway begin with @ and are: ${names}.`);
  return USAGE;
}

function outputOf(channel: SessionChannel): Pick<LabFreeContext, 'print' | 'note'> {
  return {
    print: (text) => channel.stdout.write(withLineEnd(text, channel)),
    note: (text) => channel.stderr.write(withLineEnd(text, channel)),
  };
}

/** With a pty the client's terminal is raw, and a line needs its carriage return. */
function withLineEnd(text: string, channel: SessionChannel): string {
  const line = text.endsWith('\n') ? text : `${text}\n`;
  return channel.pty === undefined ? line : line.replace(/\r?\n/g, '\r\n');
}
