import type { Command } from 'commander';
import type { CommandLine } from '../command-line.ts';

interface TryOptions {
  readonly path?: string;
  readonly remove?: boolean;
  readonly yes?: boolean;
  readonly all?: boolean;
}

/** Of the labs that come with the program. */
const DEFAULT_LAB = 'k3s';

const HELP = `
LAB is a folder with a lab.yaml, the name of a lab that comes with the program (k3s where none is given), or the https, ssh or file URL
of a Git repository of labs, with the folder of the lab behind a #. Its container is yours, its cluster wakes up, and its shell is in this
terminal; there is no SSH server. What you put behind an Ingress answers in your browser at the address that is shown.
When the shell ends the cluster is paused at once. The same command brings all of it back.

Examples:
  factory try                             the lab k3s
  factory try https://github.com/someone/labs.git#k8s/first
  factory try --remove                    remove all that it made: containers, homes, clusters, networks, files`;

export function addTryCommand(program: Command, line: CommandLine): void {
  program
    .command('try')
    .argument('[lab]', 'a folder, a lab that comes with the program, or a URL')
    .description('have a lab for yourself on this machine, with its shell in this terminal')
    .option('--path <folder>', 'with a URL: the folder of the lab in the repository')
    .option('--remove', 'remove all that trying labs has made')
    .option(
      '--all',
      "with --remove: also set-up's cache, and the images of labs that it built; other factories here may use them",
    )
    .option('--yes', 'with --remove: do not ask')
    .addHelpText('after', HELP)
    .action(async (lab: string | undefined, options: TryOptions, command: Command) => {
      assertMakesSense(lab, options, command);
      if (options.remove) {
        const { removeTried } = await import('../trying/remove-tried.ts');
        return removeTried(options, line);
      }
      const { tryLab } = await import('../trying/try-lab.ts');
      return tryLab(lab ?? DEFAULT_LAB, options.path, line);
    });
}

function assertMakesSense(
  lab: string | undefined,
  { path, remove, yes, all }: TryOptions,
  command: Command,
): void {
  if (remove && (lab !== undefined || path !== undefined)) {
    command.error('error: --remove removes all labs that were tried; leave out LAB and --path');
  }
  if ((yes || all) && !remove) command.error('error: --yes and --all go with --remove');
}
