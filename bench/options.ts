import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';

export interface Options {
  readonly rounds: number;
  readonly only: RegExp | undefined;
  readonly against: string | undefined;
  readonly quick: boolean;
  /** Also what takes minutes a round. */
  readonly long: boolean;
  readonly json: string | undefined;
  readonly writeDocs: boolean;
}

const HELP = `
Examples:
  npm run bench                                 all of it, about 12 minutes
  npm run bench -- --long                       and what takes minutes a round, about 36 minutes
  npm run bench -- --quick                      a look, about 4 minutes
  npm run bench -- --only 'running|suspended'   some scenarios, named above
  npm run bench -- --against ../old/dist/cli/main.js   what a change is worth
  npm run bench -- --json bench.json            every sample, for a script
  npm run bench -- --write-docs                 all of it, as with --long, and the documentation shows it`;

/** Ends the program for usage errors, as commander does. `scenarios` are named in the help. */
export function parseOptions(args: readonly string[], scenarios: readonly string[]): Options {
  const program = new Command('npm run bench --')
    .description(
      'Times the main path and, in the same run and in turn with it, the nearest that Docker and k3d do without us.\n' +
        `Scenarios: ${scenarios.join(', ')}.`,
    )
    .option(
      '--rounds <number>',
      'of what takes no cluster to be made or started; a third of it of what does',
      rounds,
      6,
    )
    .option('--only <pattern>', 'scenarios whose names match this regular expression', pattern)
    .option(
      '--against <main.js>',
      "instead of all that: another build's waking up, in turn with this one's",
      (path: string) => resolve(path),
    )
    .option('--quick', 'few rounds, fewer sessions, nothing of k3d without options', false)
    .option('--long', 'resuming after 10 minutes, and a client that falls silent, too', false)
    .option('--json <file>', 'write all samples there')
    .option('--write-docs', 'replace the tables in README.md and docs/performance.md; implies --long', false)
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .parse(args, { from: 'user' });
  const options = program.opts<Options>();
  const { only } = options;
  if (only !== undefined && !scenarios.some((name) => only.test(name)))
    program.error(`error: no scenario matches ${only}; there are ${scenarios.join(', ')}`, { exitCode: 2 });
  if (options.writeDocs && (only ?? options.against ?? options.quick))
    program.error('error: the documentation shows a whole run; leave out --only, --against and --quick', {
      exitCode: 2,
    });
  return { ...options, long: options.long || options.writeDocs };
}

function rounds(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 100)
    throw new InvalidArgumentError('from 1 to 100');
  return number;
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch {
    throw new InvalidArgumentError('not a regular expression');
  }
}
