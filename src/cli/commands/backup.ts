import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { MadeBackup } from '../../backup/back-up-workspace.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { offline } from '../offline-command.ts';
import { collectWorkspaces } from '../workspace-argument.ts';

interface BackupOptions {
  readonly to: string;
  readonly config?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
The factory must be stopped. Containers and clusters are stopped, saved and left stopped; their owners' next login starts them.
Each workspace becomes a folder DIR/USER.LAB, which is there when it is whole, and which only you can read.

Examples:
  factory backup --to backups/monday             every workspace
  factory backup alice/k3s bob/k3s --to backups  these two`;

export function addBackupCommand(program: Command, line: CommandLine): void {
  program
    .command('backup')
    .description('save homes and clusters')
    .argument('[workspaces...]', 'such as alice/k3s; all of them where none is named', collectWorkspaces)
    .requiredOption('--to <dir>', 'folder for the backups; made where it is missing')
    .addOption(configOption())
    .option('--json', 'print what was saved as JSON')
    .addHelpText('after', EXAMPLES)
    .action((keys: readonly WorkspaceKey[] | undefined, options: BackupOptions) =>
      backup(keys ?? [], options, line),
    );
}

/** Rejects as `offline` and `backUp` do. */
async function backup(
  keys: readonly WorkspaceKey[],
  options: BackupOptions,
  line: CommandLine,
): Promise<void> {
  const { say, complain, workingFolder } = line.surroundings;
  await offline(options.config, line, async ({ config }) => {
    const { backUp } = await import('../../composition/offline/backup.ts');
    const made: MadeBackup[] = [];
    const into = resolve(workingFolder, options.to);
    await backUp({ data: config.data, keys, into, progress: complain, signal: line.stop }, (one) => {
      made.push(one);
      if (!options.json) say(sentence(one));
    });
    if (options.json) say(JSON.stringify({ backups: made.map(asJson) }));
  });
}

function sentence({ key, folder, home, cluster, bytes }: MadeBackup): string {
  const what = [...(home ? ['home'] : []), ...(cluster === 'saved' ? ['cluster'] : [])].join(' and ');
  const unfinished = cluster === 'incomplete' ? '; its cluster was never finished and is left out' : '';
  return `${formatWorkspaceKey(key)}: ${what || 'nothing'} saved to ${folder}, ${mebibytes(bytes)} MiB${unfinished}`;
}

function asJson({ key, folder, home, cluster, bytes }: MadeBackup): object {
  return { workspace: formatWorkspaceKey(key), folder, home, cluster, bytes };
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
