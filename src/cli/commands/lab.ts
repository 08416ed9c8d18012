import { basename, dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { ANYTHING_ASSUMED } from '../../config/lab-policy.ts';
import { DEFAULT_LIFECYCLE } from '../../config/lifecycle-values.ts';
import type { LabCatalogue } from '../../labs/lab-catalogue.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import { LAB_FILE } from '../../labs/lab-folders.ts';
import { labJsonSchema } from '../../labs/lab-json-schema.ts';
import { loadLabs } from '../../labs/load-labs.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import { type CheckResult, JSON_OPTION, reportCheck } from '../check-report.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { renderedLab } from '../rendered-lab.ts';
import { loadSettings } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { parseWorkspace } from '../workspace-argument.ts';

const CHECK_EXAMPLES = `
Examples:
  factory lab check labs/hello            one lab: its folder, or the lab.yaml in it
  factory lab check labs                  all labs in a folder
  factory lab check -c factory.yaml labs  its secrets and mounts as well: without, what the labs name counts as there
  factory lab check --json labs           for scripts; exit code 78 where something is wrong`;

const RENDER_EXAMPLES = `
Examples:
  factory lab render alice/k3s -c factory.yaml                    what alice gets: templates rendered, settings of her groups
  factory lab render alice/k3s -c factory.yaml --value seat=7     as if the initialization hook had answered so
  factory lab render alice/k3s -c factory.yaml --json | jq .container.env

The files are read; the factory need not run. Times are in ms, sizes in bytes; secrets are not shown. Exit code 1 where there is no such lab,
78 where a template becomes what may not stand there.`;

const SCHEMA_EXAMPLES = `
Example:
  factory lab schema > lab.schema.json

and, as the first line of a lab.yaml beside it:
  # yaml-language-server: $schema=lab.schema.json`;

export function addLabCommand(program: Command, { surroundings }: CommandLine): void {
  const lab = program.command('lab').description('look at labs');
  lab
    .command('check')
    .description('check a lab, or all labs in a folder')
    .argument('<path>')
    .addOption(configOption())
    .option(...JSON_OPTION)
    .addHelpText('after', CHECK_EXAMPLES)
    .action((path: string, options: { config?: string; json?: true }) =>
      reportCheck(() => checkLabs(path, options.config, surroundings), options.json === true, surroundings),
    );
  lab
    .command('render')
    .description('print a lab as one user gets it')
    .argument('<user/lab>', '', parseWorkspace)
    .addOption(configOption())
    .addOption(valueOption())
    .option(...JSON_OPTION)
    .addHelpText('after', RENDER_EXAMPLES)
    .action(async (key: WorkspaceKey, { config, value, json }: RenderOptions) => {
      const shown = renderedLab(await loadSettings(config, surroundings), key, { values: value });
      surroundings.say(json === true ? JSON.stringify(shown, undefined, 2) : stringify(shown).trimEnd());
    });
  lab
    .command('schema')
    .description('print the JSON Schema of lab.yaml, for editors')
    .addHelpText('after', SCHEMA_EXAMPLES)
    .action(() => surroundings.say(JSON.stringify(labJsonSchema(), undefined, 2)));
}

interface RenderOptions {
  readonly config?: string;
  readonly value: Readonly<Record<string, string>>;
  readonly json?: true;
}

function valueOption(): Option {
  return new Option('--value <name=value>', 'what a hook answers; may be given several times')
    .argParser(collectValue)
    .default({}, 'none');
}

function collectValue(text: string, before: RenderOptions['value']): RenderOptions['value'] {
  const [, name, value] = /^([a-z][a-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write it as name=value.');
  return { ...before, [name]: value };
}

/** `path` is a lab, the file of one, or holds labs. Rejects with `LAB_INVALID`, and as `loadSettings` does. */
async function checkLabs(
  path: string,
  configFile: string | undefined,
  surroundings: Surroundings,
): Promise<CheckResult> {
  const { workingFolder } = surroundings;
  const policy =
    configFile === undefined ? ANYTHING_ASSUMED : (await loadSettings(configFile, surroundings)).policy;
  const asked = resolve(workingFolder, path);
  const labs = await loadLabs({
    folders: [basename(asked) === LAB_FILE ? dirname(asked) : asked],
    lifecycle: { ...DEFAULT_LIFECYCLE, grace: 0, stopAfter: undefined },
    workingFolder,
    policy,
  });
  const notes = configFile === undefined ? labs.all().flatMap((lab) => assumption(lab, labs)) : [];
  return {
    text: [...labs.all().map(sentence), ...notes].join('\n'),
    data: { notes, labs: labs.all().map(({ name, cluster }) => ({ name, cluster: cluster !== undefined })) },
  };
}

/** What only the configuration can tell. */
function assumption({ name, container }: LabDefinition, labs: LabCatalogue): readonly string[] {
  const secrets = labs.template(name)?.secrets ?? [];
  const mounts = container.mounts.map(({ source }) => source);
  const all = [...secrets.map((secret) => `secrets.${secret}`), ...mounts];
  if (all.length === 0) return [];
  return [`In ${name} ${all.join(', ')} counts as allowed; --config checks it against a configuration.`];
}

function sentence({ name, cluster }: LabDefinition): string {
  return `The lab ${name} is fine: ${cluster === undefined ? 'a container' : 'a container and a cluster'}.`;
}
