import { type Command, InvalidArgumentError } from 'commander';
import { type ControlClient, createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { findDataFolder } from '../find-data-folder.ts';
import { foundText, statusText } from '../status/status-text.ts';
import { watchStatus } from '../status/watch-status.ts';
import type { Surroundings } from '../surroundings.ts';

interface StatusOptions {
  readonly config?: string;
  /** ms; true: as often as is usual. */
  readonly watch?: number | true;
  readonly json?: boolean;
}

/** ms */
const WATCH_EVERY = 1_000;
const DOCKER_LIMIT = 30_000;

const HELP = `
Exit status: 0, or 3 where no factory runs; then what it has in Docker is listed. With --watch it is waited for: the same screen goes on over
a restart of the factory, until q or Ctrl-C.

Examples:
  factory status                            workspaces, sessions, clusters, routes
  factory status --watch                    the same, again each second
  factory status --watch 10 --json          a line of JSON whenever something has changed; looks every ten seconds
  factory status --json | jq '.workspaces[] | select(.state == "failed")'`;

export function addStatusCommand(program: Command, { surroundings, stop }: CommandLine): void {
  program
    .command('status')
    .description('show the running factory: workspaces, sessions, clusters, memory, routes')
    .addOption(configOption())
    .option(
      '-w, --watch [seconds]',
      'show it again and again (with --json: a line at each change)',
      parseSeconds,
    )
    .option('--json', 'for scripts')
    .addHelpText('after', HELP)
    .action((options: StatusOptions) => status(options, surroundings, stop));
}

async function status(options: StatusOptions, surroundings: Surroundings, stop: AbortSignal): Promise<void> {
  const data = await findDataFolder(options.config, surroundings);
  await using client = createControlClient(controlSocket(data));
  try {
    if (options.watch === undefined) return await once(client, options, surroundings, stop);
    const every = options.watch === true ? WATCH_EVERY : options.watch;
    await watchStatus({ client, every, json: options.json === true, say: surroundings.say }, stop);
  } catch (error) {
    if (stop.aborted) return;
    if (error instanceof FactoryError && error.code === 'NOT_RUNNING')
      await showWhatExists(data, options, surroundings);
    throw error;
  }
}

async function once(
  client: ControlClient,
  { json }: StatusOptions,
  { say }: Surroundings,
  stop: AbortSignal,
): Promise<void> {
  const found = await client.status(stop);
  say(json ? JSON.stringify({ running: true, ...found }, undefined, 2) : statusText(found, Date.now()));
}

async function showWhatExists(data: string, { json }: StatusOptions, { say }: Surroundings): Promise<void> {
  const { findWorkspaces } = await import('../../composition/offline/found-workspaces.ts');
  const found = await findWorkspaces(data, AbortSignal.timeout(DOCKER_LIMIT));
  const workspaces = found.map(({ key, container, nodes }) => ({
    ...key,
    container: container ?? null,
    nodes,
  }));
  say(json ? JSON.stringify({ running: false, workspaces }, undefined, 2) : foundText(found));
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,4}(?:\.\d)?$/.test(text) && seconds >= 0.5) return seconds * 1_000;
  throw new InvalidArgumentError('It must be a number of seconds, 0.5 or more.');
}
