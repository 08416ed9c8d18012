import { Command } from 'commander';
import type { StartFactory } from '../composition/start-request.ts';
import { checkConfig, checkLabs, printConfigSchema } from './check-commands.ts';
import { type ServeOptions, serve } from './serve-command.ts';
import type { Surroundings } from './surroundings.ts';

const CONFIG_OPTION = ['-c, --config <file>', 'configuration file (YAML)'] as const;

const EXAMPLES = `
Examples:
  factory serve                           a lab for yourself: your own keys, on this machine alone
  factory serve --config factory.yaml     a lab for a class
  factory config check -c factory.yaml    list every mistake in a configuration, start nothing
  factory lab check labs/k3s              the same for a lab`;

/** The command line. Its actions reject with `FactoryError`; commander itself ends the program for usage errors. */
export function createProgram(
  version: string,
  surroundings: Surroundings,
  start: StartFactory,
  stop: AbortSignal,
): Command {
  const program = new Command('factory')
    .description(
      'ssh in, and your own container and Kubernetes cluster are there; log out, and they are paused.',
    )
    .version(version)
    .addHelpText('after', EXAMPLES);

  program
    .command('serve')
    .description('run the factory until SIGTERM or Ctrl-C')
    .option(...CONFIG_OPTION)
    .option('--ready-file <path>', 'write the addresses to this file (JSON) when everything answers')
    .action((options: ServeOptions) => serve(options, surroundings, start, stop));

  const config = program.command('config').description('look at configurations');
  config
    .command('check')
    .description('check a configuration and its labs')
    .option(...CONFIG_OPTION)
    .action((options: { config?: string }) => checkConfig(options.config, surroundings));
  config
    .command('schema')
    .description('print the JSON Schema of the configuration file, for editors')
    .action(() => printConfigSchema(surroundings));

  program
    .command('lab')
    .description('look at labs')
    .command('check')
    .description('check a lab, or all labs in a folder')
    .argument('<path>')
    .action((path: string) => checkLabs(path, surroundings));
  return program;
}
