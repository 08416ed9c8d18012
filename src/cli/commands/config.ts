import type { Command } from 'commander';
import { z } from 'zod';
import { configSchema } from '../../config/schema.ts';
import { CONFIG_OPTION, type CommandLine } from '../command-line.ts';
import { loadSettings } from '../settings.ts';
import { readSetupFile } from '../setup-file.ts';
import type { Surroundings } from '../surroundings.ts';

export function addConfigCommands(program: Command, { surroundings }: CommandLine): void {
  const config = program.command('config').description('look at configurations');
  config
    .command('check')
    .description('check a configuration and its labs')
    .option(...CONFIG_OPTION)
    .action((options: { config?: string }) => checkConfig(options.config, surroundings));
  config
    .command('schema')
    .description('print the JSON Schema of the configuration file, for editors')
    .action(() =>
      surroundings.say(JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' }), undefined, 2)),
    );
}

/** Reads all that `serve` would, and starts nothing. Rejects as `loadSettings` does. */
async function checkConfig(file: string | undefined, surroundings: Surroundings): Promise<void> {
  const { setup } = await readSetupFile(surroundings);
  const { config, labs, notes } = await loadSettings(file, setup, surroundings);
  for (const note of notes) surroundings.say(note);
  const names = labs.all().map(({ name }) => name);
  surroundings.say(
    `${file ?? 'The default configuration'} is fine: domain ${config.domain}, labs ${names.join(', ')}.`,
  );
}
