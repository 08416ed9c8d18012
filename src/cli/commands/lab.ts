import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { ANYTHING_ASSUMED } from '../../config/lab-policy.ts';
import { DEFAULT_LIFECYCLE } from '../../config/lifecycle-values.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import { LAB_FILE } from '../../labs/lab-folders.ts';
import { labSchema } from '../../labs/lab-schema.ts';
import { loadLabs } from '../../labs/load-labs.ts';
import { type CheckResult, JSON_OPTION, reportCheck } from '../check-report.ts';
import type { CommandLine } from '../command-line.ts';
import { jsonSchemaText } from '../json-schema.ts';
import type { Surroundings } from '../surroundings.ts';

const CHECK_EXAMPLES = `
Examples:
  factory lab check labs/hello            one lab: its folder, or the lab.yaml in it
  factory lab check labs                  all labs in a folder
  factory lab check --json labs           for scripts; exit code 78 where something is wrong`;

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
    .option(...JSON_OPTION)
    .addHelpText('after', CHECK_EXAMPLES)
    .action((path: string, options: { json?: true }) =>
      reportCheck(() => checkLabs(path, surroundings), options.json === true, surroundings),
    );
  lab
    .command('schema')
    .description('print the JSON Schema of lab.yaml, for editors')
    .addHelpText('after', SCHEMA_EXAMPLES)
    .action(() => surroundings.say(jsonSchemaText(labSchema)));
}

/** `path` is a lab, the file of one, or holds labs. Rejects with `LAB_INVALID`. */
async function checkLabs(path: string, { workingFolder }: Surroundings): Promise<CheckResult> {
  const asked = resolve(workingFolder, path);
  const labs = await loadLabs({
    folders: [basename(asked) === LAB_FILE ? dirname(asked) : asked],
    lifecycle: { ...DEFAULT_LIFECYCLE, grace: 0, stopAfter: undefined },
    workingFolder,
    policy: ANYTHING_ASSUMED,
  });
  return {
    text: labs.all().map(sentence).join('\n'),
    data: { labs: labs.all().map(({ name, cluster }) => ({ name, cluster: cluster !== undefined })) },
  };
}

function sentence({ name, cluster }: LabDefinition): string {
  return `The lab ${name} is fine: ${cluster === undefined ? 'a container' : 'a container and a cluster'}.`;
}
