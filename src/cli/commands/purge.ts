import { type Command, Option } from 'commander';
import type { PurgePlan, PurgeScope } from '../../composition/offline/purge.ts';
import { containerImages } from '../../labs/lab-catalogue.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { RemovalFailure } from '../../removal/removal-step.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { confirmByTyping } from '../confirm.ts';
import { offline } from '../offline-command.ts';
import {
  describeStep,
  reasonOf,
  removalIncomplete,
  stepAsJson,
  stepLines,
  WHAT_STAYS,
} from '../purge-report.ts';
import type { Settings } from '../settings.ts';
import { cacheFolder } from '../setup-file.ts';
import type { Surroundings } from '../surroundings.ts';
import { parseWorkspace } from '../workspace-argument.ts';

interface PurgeOptions {
  readonly config?: string;
  readonly workspace?: WorkspaceKey;
  readonly withHome?: boolean;
  readonly images?: boolean;
  readonly cache?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
The factory must be stopped. What would go is listed first, and you are asked to type a word before it does. A purge that was cut off is
finished by the same command again. Objects of other factories on the same Docker engine are never touched.

Examples:
  factory purge --dry-run                 what there is to remove, and nothing else
  factory purge                           everything: workspaces, homes, Traefik, the data folder
  factory purge --workspace alice/k3s     one container and cluster; the home stays`;

export function addPurgeCommand(program: Command, line: CommandLine): void {
  program
    .command('purge')
    .description('remove everything that this factory made, or one workspace')
    .addOption(configOption())
    .addOption(
      new Option('--workspace <user/lab>', "only this one's container and cluster").argParser(parseWorkspace),
    )
    .option('--with-home', 'with --workspace: the home as well')
    .option('--images', 'also the images of its labs that set-up built; other factories here may use them')
    .option('--cache', "also set-up's cache: Node, k3d, tools")
    .option('--dry-run', 'list what would be removed, and remove nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print what was removed as JSON; needs --yes or --dry-run')
    .addHelpText('after', EXAMPLES)
    .action((options: PurgeOptions, command: Command) => {
      assertMakesSense(options, command);
      return purge(options, line);
    });
}

function assertMakesSense(options: PurgeOptions, command: Command): void {
  if (options.json && !options.yes && !options.dryRun) {
    command.error('error: --json can not ask; give --yes or --dry-run as well');
  }
  if (options.workspace === undefined && options.withHome) {
    command.error('error: --with-home goes with --workspace; without it all homes are removed');
  }
  if (options.workspace !== undefined && (options.images || options.cache)) {
    command.error('error: --images and --cache are shared by all workspaces; leave out --workspace');
  }
}

/** Rejects as `offline` does, with `NOT_CONFIRMED`, and with `REMOVAL_INCOMPLETE` where something is left. */
async function purge(options: PurgeOptions, line: CommandLine): Promise<void> {
  const { surroundings, stop } = line;
  await offline(options.config, line, async (settings) => {
    const { planPurge } = await import('../../composition/offline/purge.ts');
    const plan = await planPurge(settings.config.data, scopeOf(options, settings, surroundings), stop);
    if (!options.json) list(plan, settings.config.data, options, surroundings);
    if (options.dryRun) {
      if (options.json) surroundings.say(report(plan, { would_remove: plan.steps.map(stepAsJson) }));
      return;
    }
    if (plan.steps.length > 0 && !options.yes) await confirm(plan, options, stop);
    const { removed, failed } = await plan.carryOut(
      (step) => surroundings.complain(`removing ${describeStep(step)}`),
      stop,
    );
    if (options.json)
      surroundings.say(report(plan, { removed: removed.map(stepAsJson), failed: failed.map(failureAsJson) }));
    if (failed.length > 0) throw removalIncomplete(failed);
    if (!options.json && plan.steps.length > 0) surroundings.say('All of it is removed.');
  });
}

function scopeOf(options: PurgeOptions, { labs }: Settings, surroundings: Surroundings): PurgeScope {
  const { workspace, withHome = false } = options;
  if (workspace !== undefined) return { kind: 'workspace', key: workspace, home: withHome };
  return {
    kind: 'everything',
    labImages: options.images ? containerImages(labs) : undefined,
    cache: options.cache ? cacheFolder(surroundings) : undefined,
  };
}

function list(
  plan: PurgePlan,
  data: string,
  { workspace, withHome }: PurgeOptions,
  { say }: Surroundings,
): void {
  if (plan.steps.length === 0) {
    say(
      `There is nothing to remove of the factory with the data folder ${data}; where yours has a configuration file, give it with --config.`,
    );
    return;
  }
  say('This is to be removed, for good:\n');
  for (const line of stepLines(plan.steps)) say(line);
  if (workspace === undefined) say(`\n${WHAT_STAYS}`);
  else if (!withHome) say('\nThe home stays; the next login gets a new container and cluster with it.');
}

function confirm(plan: PurgePlan, { workspace }: PurgeOptions, stop: AbortSignal): Promise<void> {
  const word = workspace === undefined ? plan.instance : formatWorkspaceKey(workspace);
  return confirmByTyping(word, 'remove it', 'Nothing was removed.', stop);
}

function report({ instance }: PurgePlan, lists: Readonly<Record<string, readonly object[]>>): string {
  return JSON.stringify({ instance, ...lists });
}

function failureAsJson({ step, reason }: RemovalFailure): object {
  return { ...stepAsJson(step), reason: reasonOf(reason) };
}
