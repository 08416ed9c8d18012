import type { Command } from 'commander';
import { configSchema } from '../../config/schema.ts';
import { type CheckResult, JSON_OPTION, reportCheck } from '../check-report.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { jsonSchemaText } from '../json-schema.ts';
import { loadSettings } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';

const CHECK_EXAMPLES = `
Examples:
  factory config check -c factory.yaml    every mistake in it and in its labs, with line and column
  factory config check --json -c ...      for scripts; exit code 78 where something is wrong`;

const SCHEMA_EXAMPLES = `
Example:
  factory config schema > factory.schema.json

and, as the first line of a factory.yaml beside it:
  # yaml-language-server: $schema=factory.schema.json`;

export function addConfigCommands(program: Command, { surroundings }: CommandLine): void {
  const config = program.command('config').description('look at configurations');
  config
    .command('check')
    .description('check a configuration and its labs')
    .addOption(configOption())
    .option(...JSON_OPTION)
    .addHelpText('after', CHECK_EXAMPLES)
    .action((options: { config?: string; json?: true }) =>
      reportCheck(() => checkConfig(options.config, surroundings), options.json === true, surroundings),
    );
  config
    .command('schema')
    .description('print the JSON Schema of the configuration file, for editors')
    .addHelpText('after', SCHEMA_EXAMPLES)
    .action(() => surroundings.say(jsonSchemaText(configSchema)));
}

/** Reads all that `serve` would, and starts nothing. Rejects as `loadSettings` does. */
async function checkConfig(file: string | undefined, surroundings: Surroundings): Promise<CheckResult> {
  const { config, labs, notes } = await loadSettings(file, surroundings);
  const names = labs.all().map(({ name }) => name);
  const fine = `${file ?? 'The default configuration'} is fine: domain ${config.domain}, labs ${names.join(', ')}.`;
  return {
    text: [...notes, fine].join('\n'),
    data: { domain: config.domain, labs: names, notes },
  };
}
