import { Command } from 'commander';
import type { ClusterCommandIo } from './cluster-command.ts';
import type { AddCommand, Carry } from './command-context.ts';
import { addKubeconfigCommand, addOpenCommand } from './commands/access.ts';
import { addExtendCommand } from './commands/extend.ts';
import { addNodeCommands } from './commands/node.ts';
import { addDeleteCommand, addResetCommand } from './commands/replace.ts';
import { addEventsCommand, addLogsCommand } from './commands/reports.ts';
import { addStatusCommand } from './commands/status.ts';
import { addStartCommand, addStopCommand, addSuspendCommand } from './commands/wake-and-sleep.ts';

/** In the order of the help. */
const COMMANDS: readonly AddCommand[] = [
  addStatusCommand,
  addStartCommand,
  addSuspendCommand,
  addStopCommand,
  addResetCommand,
  addDeleteCommand,
  addKubeconfigCommand,
  addOpenCommand,
  addExtendCommand,
  addNodeCommands,
  addLogsCommand,
  addEventsCommand,
];

/** Columns of the help; nobody knows how wide the terminal is. */
const WIDTH = 80;

/**
 * The words of `cluster`. Whatever it has to say goes to `io`; a usage error, and help that was asked for, is thrown as a
 * `CommanderError`.
 */
export function clusterProgram(io: Pick<ClusterCommandIo, 'name' | 'print' | 'note'>, carry: Carry): Command {
  const program = new Command(io.name)
    .description('Your own Kubernetes cluster: how it is, and what you can do with it.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.print(text),
      writeErr: (text) => io.note(text),
      getOutHelpWidth: () => WIDTH,
      getErrHelpWidth: () => WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError(`For help type: ${io.name} help`)
    .addHelpText(
      'after',
      `
Exit status: 0 done; 1 it failed; 2 the words mean nothing here; 3 the cluster is asleep or not ready (status).`,
    );
  for (const add of COMMANDS) add(program, carry, io.name);
  return program;
}
