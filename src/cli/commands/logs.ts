import { styleText } from 'node:util';
import type { Command } from 'commander';
import { FactoryError } from '../../errors/factory-error.ts';
import { logFolder } from '../../logging/log-files.ts';
import type { LogLine } from '../../logs/log-line.ts';
import { followLog, readLog, readTornLine, startOfLog } from '../../logs/read-log.ts';
import { renderLine } from '../../logs/render-line.ts';
import { everything, ofError, ofWorkspace } from '../../logs/selection.ts';
import type { Login } from '../../names/login.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { parseCount } from '../count-argument.ts';
import { findDataFolder } from '../find-data-folder.ts';
import { printClusterLogs } from '../status/cluster-logs.ts';
import type { Surroundings } from '../surroundings.ts';
import { parseUserOrWorkspace } from '../workspace-argument.ts';

const EXAMPLES = `
Examples:
  factory logs                        the end of the log, for people
  factory logs alice/k3s --follow     what is logged of this workspace, as it comes
  factory logs --error 3fa9c1d2       why a student was shown "(error 3fa9c1d2)"
  factory logs alice/k3s --nodes      what the nodes of the cluster say
  factory logs --json | jq 'select(.level >= 50)'`;

export interface LogsOptions {
  readonly config?: string | undefined;
  readonly error?: string | undefined;
  readonly lines: number;
  readonly follow?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly nodes?: boolean | undefined;
}

export function addLogsCommand(program: Command, { surroundings, stop }: CommandLine): void {
  program
    .command('logs')
    .description('read the log of the factory, of one user or of one workspace; the factory need not run')
    .argument('[user/lab]', 'only what is logged of this user or workspace', parseUserOrWorkspace)
    .addOption(configOption())
    .option('-e, --error <id>', 'the entry of the error with this id, or with one that begins so')
    .option('-n, --lines <number>', 'how many lines, the last ones', parseCount, 100)
    .option('-f, --follow', 'go on with what is logged from now on, until ^C')
    .option('--json', 'lines of JSON, as they are in the files')
    .option('--nodes', "what the cluster's nodes say now, and said when it last failed")
    .addHelpText('after', EXAMPLES)
    .action((login: Login | undefined, options: LogsOptions) => logs(login, options, surroundings, stop));
}

/** Rejects as `loadSettings` does, with `LOG_ENTRY_UNKNOWN`, and with `--nodes` as `readWorkspaceLogs` does. */
export async function logs(
  login: Login | undefined,
  options: LogsOptions,
  surroundings: Surroundings,
  stop: AbortSignal,
): Promise<void> {
  const data = await findDataFolder(options.config, surroundings);
  if (options.nodes) return printClusterLogs({ ...options, data, login }, surroundings.say, stop);
  if (options.error !== undefined) return printError(data, options.error, options, surroundings);
  const selection = login === undefined ? everything : ofWorkspace(login);
  const print = printer(options, surroundings);
  const position = startOfLog();
  const last: LogLine[] = [];
  for await (const line of readLog(data, position)) {
    if (selection(line)) last.push(line);
    if (last.length > options.lines) last.shift();
  }
  const torn = options.follow ? undefined : await readTornLine(position);
  if (torn !== undefined && selection(torn)) last.push(torn);
  for (const line of last) print(line);
  if (options.follow) {
    for await (const line of followLog(data, position, stop)) if (selection(line)) print(line);
  } else if (last.length === 0) {
    surroundings.complain(`Nothing of that is in the log (${logFolder(data)}).`);
  }
}

async function printError(
  data: string,
  id: string,
  options: LogsOptions,
  surroundings: Surroundings,
): Promise<void> {
  const found = new Map<string, LogLine>();
  const selection = ofError(id.trim().toLowerCase());
  for await (const line of readLog(data)) {
    if (line.kind === 'entry' && selection(line)) found.set(line.entry.errorId ?? '', line);
  }
  const [line, ...others] = found.values();
  if (line === undefined) {
    throw new FactoryError(
      'LOG_ENTRY_UNKNOWN',
      `There is no error "${id}" in the log (${logFolder(data)}). Old entries go when the files are full.`,
    );
  }
  if (others.length > 0) {
    const ids = [...found.keys()].join(', ');
    throw new FactoryError(
      'LOG_ENTRY_UNKNOWN',
      `Several errors begin with "${id}": ${ids}. Type more of it.`,
    );
  }
  printer(options, surroundings)(line);
}

function printer({ json, error }: LogsOptions, { say }: Surroundings): (line: LogLine) => void {
  if (json) return (line) => say(line.kind === 'entry' ? line.raw : JSON.stringify({ msg: line.raw }));
  // Paints only where standard output is a terminal.
  const paint = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text);
  return (line) => say(renderLine(line, { paint, stacks: error !== undefined }));
}
