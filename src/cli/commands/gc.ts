import type { Command } from 'commander';
import { createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import type { Collection, GarbageCollector, OrphanStatus } from '../../control/garbage-schema.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { counted } from '../../words/amounts.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { confirmByTyping } from '../confirm.ts';
import { findDataFolder } from '../find-data-folder.ts';
import { offline } from '../offline-command.ts';
import type { Surroundings } from '../surroundings.ts';

interface GcOptions {
  readonly config?: string;
  readonly homes?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const HELP = `
Lists, and removes when you say so: containers, networks and volumes of workspaces that are gone, clusters that are half made or left in
parts, routes of nobody, and the state of clusters that were reset more than a week ago. Nothing of a workspace that has a container or a cluster,
nothing of another factory. It works with a factory that runs and without.

A home without a workspace is a student's files; it is listed, and removed only with --homes.

Examples:
  factory gc                   list, and ask
  factory gc --yes             for a timer: do not ask
  factory gc --homes           homes of students that are gone as well`;

export function addGcCommand(program: Command, line: CommandLine): void {
  program
    .command('gc')
    .description('find and remove what belongs to no workspace any more')
    .addOption(configOption())
    .option('--homes', 'homes without a workspace as well, with all files in them')
    .option('--yes', 'do not ask')
    .option('--json', 'print it as JSON; removes nothing without --yes')
    .addHelpText('after', HELP)
    .action((options: GcOptions) => gc(options, line));
}

/** Rejects as `offline` does, with what Docker fails with, `NOT_CONFIRMED`, and `REMOVAL_INCOMPLETE` where something is left. */
async function gc(options: GcOptions, line: CommandLine): Promise<void> {
  const data = await findDataFolder(options.config, line.surroundings);
  await using client = createControlClient(controlSocket(data), line.surroundings.login);
  try {
    await collect(client.garbage, options, line);
  } catch (error) {
    if (!(error instanceof FactoryError) || error.code !== 'NOT_RUNNING') throw error;
    await offline(options.config, line, async () => {
      const { openOfflineGarbage } = await import('../../composition/offline/offline-garbage.ts');
      await collect(await openOfflineGarbage(data), options, line);
    });
  }
}

async function collect(
  garbage: GarbageCollector,
  options: GcOptions,
  { surroundings, stop }: CommandLine,
): Promise<void> {
  const { say } = surroundings;
  const { orphans } = await garbage.list(stop);
  const homes = orphans.filter(({ kind }) => kind === 'home');
  const others = orphans.filter(({ kind }) => kind !== 'home');
  const chosen = options.homes ? [...others, ...homes] : others;
  if (options.json && !options.yes) return say(JSON.stringify({ orphans: others, homes }));
  if (!options.json) list(others, homes, options, surroundings);
  if (chosen.length > 0 && !options.yes) {
    // A timer or a pipe that has not said --yes wants a list.
    if (!process.stdin.isTTY) return;
    await confirmByTyping(options.homes ? 'remove homes' : 'remove', 'go on', 'Nothing was removed.', stop);
  }
  const { removed, failed } =
    chosen.length === 0
      ? { removed: [], failed: [] }
      : await garbage.collect(
          chosen.map(({ kind, name }) => ({ kind, name })),
          stop,
        );
  if (options.json) {
    say(JSON.stringify({ removed, failed, homes: options.homes ? [] : homes }));
  } else if (removed.length > 0) say(`${counted(removed.length, 'thing')} removed.`);
  if (failed.length > 0) throw incomplete(failed);
}

function list(
  others: readonly OrphanStatus[],
  homes: readonly OrphanStatus[],
  { homes: withHomes }: GcOptions,
  { say }: Surroundings,
): void {
  if (others.length === 0) say('Nothing is there that belongs to no workspace.');
  else say(['To be removed:', '', ...others.flatMap(lines)].join('\n'));
  if (homes.length === 0) return;
  const fate = withHomes
    ? 'Homes without a workspace, to be removed with all files in them:'
    : "Homes without a workspace; they stay, and their owners' next login uses them (--homes removes them):";
  say(['', fate, '', ...homes.flatMap(lines)].join('\n'));
}

function lines({ kind, name, why, parts }: OrphanStatus): readonly string[] {
  return [`  ${kind.padEnd(9)}  ${name}: ${why}`, ...parts.map((part) => `             ${part}`)];
}

function incomplete(failed: Collection['failed']): FactoryError {
  return new FactoryError(
    'REMOVAL_INCOMPLETE',
    'Not all could be removed; mend what is said below and give the same command again.',
    { detail: failed.map(({ kind, name, reason }) => `${kind} ${name}: ${reason}`).join('\n') },
  );
}
