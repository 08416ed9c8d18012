import { Command } from 'commander';
import type { AddCommand, CommandLine } from './command-line.ts';
import { addBackupCommand } from './commands/backup.ts';
import { addClusterCommands } from './commands/cluster.ts';
import { addConfigCommands } from './commands/config.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addDrainCommand } from './commands/drain.ts';
import { addEventsCommand } from './commands/events.ts';
import { addGcCommand } from './commands/gc.ts';
import { addHooksCommands } from './commands/hooks.ts';
import { addHostKeyCommands } from './commands/host-key.ts';
import { addLabCommand } from './commands/lab.ts';
import { addLogsCommand } from './commands/logs.ts';
import { addPurgeCommand } from './commands/purge.ts';
import { addRestoreCommand } from './commands/restore.ts';
import { addServeCommand } from './commands/serve.ts';
import { addStatusCommand } from './commands/status.ts';
import { addSystemdUnitCommand } from './commands/systemd-unit.ts';
import { addTokenCommands } from './commands/token.ts';
import { addTryCommand } from './commands/try.ts';
import { addUserCommands } from './commands/user.ts';
import { addWhoCommand } from './commands/who.ts';
import { addWorkspaceCommands } from './commands/workspace.ts';
import type { Surroundings } from './surroundings.ts';
import { typedCommand } from './typed-command.ts';

/** In the order of the help. */
const COMMANDS: readonly AddCommand[] = [
  addServeCommand,
  addTryCommand,
  addStatusCommand,
  addEventsCommand,
  addLogsCommand,
  addDoctorCommand,
  addWhoCommand,
  addWorkspaceCommands,
  addClusterCommands,
  addTokenCommands,
  addHostKeyCommands,
  addHooksCommands,
  addUserCommands,
  addDrainCommand,
  addBackupCommand,
  addRestoreCommand,
  addGcCommand,
  addPurgeCommand,
  addConfigCommands,
  addLabCommand,
  addSystemdUnitCommand,
];

const EXAMPLES = `
Examples:
  factory serve                           a lab for yourself: your own keys, on this machine alone
  factory serve --config factory.yaml     a lab for a class
  factory try                             a lab on this machine for yourself, without SSH: its shell is here
  factory status --watch                  who is there, and what the workspaces are doing
  factory events alice/k3s --since 2h     what happened to a workspace, and who or what caused it
  factory who alice                       her keys, groups and labs, and where each setting comes from
  factory doctor                          what is missing or wrong on this machine, and what to type
  factory config check -c factory.yaml    list every mistake in a configuration, start nothing
  factory lab check labs/k3s              the same for a lab
  factory workspace suspend alice/k3s     put one to sleep now, without the grace time
  factory cluster list                    the clusters, for instructors also from another machine
  factory host-key list                   how clients know the factory: fingerprints, and lines to hand out
  factory hooks                           calls that labs ask for and that wait for their receiver
  factory backup --to backups             save homes and clusters
  factory purge --dry-run                 what there would be to remove
  factory setup                           bring Node, k3d, images and what else is missing (in a checkout)`;

/** The command line. Its actions reject with `FactoryError`; commander itself ends the program for usage errors. */
export function createProgram(version: string, line: CommandLine): Command {
  const program = new Command('factory')
    .description(
      'ssh in, and your own container and Kubernetes cluster are there; log out, and they are paused.',
    )
    .version(version)
    .configureOutput({ writeOut: (text) => process.stdout.write(asTyped(text, line.surroundings)) })
    .addHelpText('after', EXAMPLES);
  for (const add of COMMANDS) add(program, line);
  return program;
}

/** Help names the program `factory`; who started it as `./factory` has to type that again. */
function asTyped(help: string, surroundings: Surroundings): string {
  const typed = typedCommand(surroundings);
  return help.replace(/^(Usage: | {2})factory(?= )/gm, (_, before: string) => `${before}${typed}`);
}
