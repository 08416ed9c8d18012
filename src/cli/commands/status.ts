import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { type ControlClient, createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { loadSettings } from '../settings.ts';
import { foundText, statusText } from '../status-text.ts';
import type { Surroundings } from '../surroundings.ts';

interface StatusOptions {
  readonly config?: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** ms */
const WATCH_EVERY = 1_000;
const DOCKER_LIMIT = 30_000;
const CLEAR_SCREEN = '\x1b[H\x1b[2J\x1b[3J';

const HELP = `
Exit status: 0, or 3 where no factory runs; then what it has in Docker is listed.

Examples:
  factory status                            workspaces, sessions, clusters, routes
  factory status --watch                    the same, again each second, until Ctrl-C
  factory status --json | jq '.workspaces[] | select(.state == "failed")'`;

export function addStatusCommand(program: Command, { surroundings, stop }: CommandLine): void {
  program
    .command('status')
    .description('show the running factory: workspaces, sessions, clusters, memory, routes')
    .addOption(configOption())
    .option('-w, --watch', 'show it again and again (with --json: a line each time)')
    .option('--json', 'for scripts')
    .addHelpText('after', HELP)
    .action((options: StatusOptions) => status(options, surroundings, stop));
}

async function status(options: StatusOptions, surroundings: Surroundings, stop: AbortSignal): Promise<void> {
  const { config } = await loadSettings(options.config, surroundings);
  await using client = createControlClient(controlSocket(config.data));
  try {
    await (options.watch
      ? watch(client, options, surroundings, stop)
      : once(client, options, surroundings, stop));
  } catch (error) {
    if (stop.aborted) return;
    if (error instanceof FactoryError && error.code === 'NOT_RUNNING')
      await showWhatExists(config.data, options, surroundings);
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

async function watch(
  client: ControlClient,
  { json }: StatusOptions,
  { say }: Surroundings,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const found = await client.status(stop);
    const clear = process.stdout.isTTY ? CLEAR_SCREEN : '';
    say(json ? JSON.stringify({ running: true, ...found }) : `${clear}${statusText(found, Date.now())}`);
    await delay(WATCH_EVERY, undefined, { signal: stop });
  }
}

async function showWhatExists(data: string, { json }: StatusOptions, { say }: Surroundings): Promise<void> {
  const { findWorkspaces } = await import('../../composition/found-workspaces.ts');
  const found = await findWorkspaces(data, AbortSignal.timeout(DOCKER_LIMIT));
  const workspaces = found.map(({ key, container, nodes }) => ({
    ...key,
    container: container ?? null,
    nodes,
  }));
  say(json ? JSON.stringify({ running: false, workspaces }, undefined, 2) : foundText(found));
}
