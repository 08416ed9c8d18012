import type { Exit } from '../channels/exit.ts';
import type { SessionChannel } from '../channels/session-channel.ts';
import { type ClusterWords, clusterCommand } from './cluster.ts';
import { extendCommand } from './extend.ts';
import { type CommandContext, type GatewayCommand, USAGE } from './gateway-command.ts';
import { helpCommand } from './help.ts';
import { kubeconfigCommand } from './kubeconfig.ts';
import { rescueCommand } from './rescue.ts';
import { resetCommand } from './reset.ts';
import { statusCommand } from './status.ts';

const COMMANDS: readonly GatewayCommand[] = [
  statusCommand,
  extendCommand,
  kubeconfigCommand,
  rescueCommand,
  resetCommand,
];

type CommandSurroundings = Pick<
  CommandContext,
  'channel' | 'lease' | 'lab' | 'otherLabs' | 'destination' | 'clock'
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
  const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(commandLine.trim()) ?? [];
  const others = runCluster === undefined ? COMMANDS : [...COMMANDS, clusterCommand(runCluster)];
  const help = helpCommand(others);
  const context: CommandContext = {
    ...base,
    rest,
    args: rest.split(/\s+/).filter((word) => word !== ''),
    print: (text) => base.channel.stdout.write(withLineEnd(text, base.channel)),
    note: (text) => base.channel.stderr.write(withLineEnd(text, base.channel)),
  };
  const command = [help, ...others].find((each) => each.name === name);
  if (command !== undefined) return await command.run(context);
  const names = [help, ...others].map((each) => each.name).join(', ');
  context.note(`There is no such command. Commands for the gateway begin with @ and are: ${names}.`);
  return USAGE;
}

/** With a pty the client's terminal is raw, and a line needs its carriage return. */
function withLineEnd(text: string, channel: SessionChannel): string {
  const line = text.endsWith('\n') ? text : `${text}\n`;
  return channel.pty === undefined ? line : line.replace(/\r?\n/g, '\r\n');
}
