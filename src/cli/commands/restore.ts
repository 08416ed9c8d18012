import { resolve } from 'node:path';
import type { Command } from 'commander';
import { formatWorkspaceKey } from '../../names/workspace-key.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { offline } from '../offline-command.ts';

interface RestoreOptions {
  readonly config?: string;
  readonly replace?: boolean;
  readonly homeOnly?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
The factory must be stopped. The backups are checked before anything is changed. A cluster is left stopped; its owner's next login
starts it. A backup of a cluster is as trusted as a program that you run as root: restore none that others could have changed.

Examples:
  factory restore backups/monday                      every workspace that was saved there
  factory restore backups/monday/alice.k3s --replace  put the backup in the place of what alice has now`;

export function addRestoreCommand(program: Command, line: CommandLine): void {
  program
    .command('restore')
    .description('bring homes and clusters back from backups')
    .argument('<backups...>', 'folders that factory backup made, or that hold such folders')
    .addOption(configOption())
    .option('--replace', 'also where the workspace is there already: what is there now is lost')
    .option('--home-only', 'leave the cluster as it is')
    .option('--json', 'print what was restored as JSON')
    .addHelpText('after', EXAMPLES)
    .action((folders: readonly string[], options: RestoreOptions) => restoreAll(folders, options, line));
}

/** Rejects as `offline` and `restore` do. */
async function restoreAll(
  folders: readonly string[],
  options: RestoreOptions,
  line: CommandLine,
): Promise<void> {
  const { say, complain, workingFolder } = line.surroundings;
  await offline(options.config, line, async ({ config, labs, setup }) => {
    const { restore } = await import('../../composition/offline/restore.ts');
    const restored: string[] = [];
    const request = {
      config,
      labs,
      folders: folders.map((folder) => resolve(workingFolder, folder)),
      scope: options.homeOnly ? 'home' : 'all',
      replace: options.replace ?? false,
      setupFile: setup.file,
      progress: complain,
      signal: line.stop,
    } as const;
    await restore(request, (key) => {
      restored.push(formatWorkspaceKey(key));
      if (!options.json) say(`${formatWorkspaceKey(key)}: restored`);
    });
    if (options.json) say(JSON.stringify({ restored }));
  });
}
