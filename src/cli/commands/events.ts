import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import { type Command, InvalidArgumentError } from 'commander';
import { duration } from '../../config/values.ts';
import { createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { eventLine } from '../../history/event-line.ts';
import type { EventQuery } from '../../history/event-query.ts';
import type { RecordedEvent } from '../../history/event-schema.ts';
import { readHistory } from '../../history/read-history.ts';
import type { Login } from '../../names/login.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { parseCount } from '../count-argument.ts';
import { findDataFolder } from '../find-data-folder.ts';
import type { Surroundings } from '../surroundings.ts';
import { parseUserOrWorkspace } from '../workspace-argument.ts';

/** How many are shown where nothing else says how many. */
const SHOWN = 100;

/** How often it is tried again whether the factory is back; ms. */
const LOOK_EVERY = 1_000;

const HELP = `
Events are kept for 90 days, and the last 200000 of them.

Examples:
  factory events                        what happened last, to all workspaces
  factory events alice/k3s --since 2h   what happened to this one, and who or what caused it
  factory events --follow               each thing as it happens, until ^C; also over a restart of the factory
  factory events --json | jq 'select(.kind == "step_failed")'`;

export interface EventsOptions {
  readonly config?: string | undefined;
  readonly follow?: boolean | undefined;
  /** ms */
  readonly since?: number | undefined;
  readonly limit?: number | undefined;
  readonly json?: boolean | undefined;
}

export function addEventsCommand(program: Command, { surroundings, stop }: CommandLine): void {
  program
    .command('events')
    .description(
      'show what happened to workspaces: sessions, starts, suspends, commands; the factory need not run',
    )
    .argument(
      '[user/lab]',
      'only what happened to the workspaces of this user, or to this one',
      parseUserOrWorkspace,
    )
    .addOption(configOption())
    .option('-f, --follow', 'go on with what happens from now on, until ^C')
    .option('-s, --since <time>', 'how far to look back: 30m, 2h, 7d', sinceArgument)
    .option(
      '-n, --limit <number>',
      `how many, the last ones (without --since: ${SHOWN}; with it: all)`,
      parseCount,
    )
    .option('--json', 'lines of JSON, for scripts')
    .addHelpText('after', HELP)
    .action((login: Login | undefined, options: EventsOptions) => events(login, options, surroundings, stop));
}

/** Rejects as `loadSettings` does, with `HISTORY_UNREADABLE`, and with `CONTROL_FAILED`. */
export async function events(
  login: Login | undefined,
  options: EventsOptions,
  surroundings: Surroundings,
  stop: AbortSignal,
): Promise<void> {
  const data = await findDataFolder(options.config, surroundings);
  const query: EventQuery = {
    ...login,
    since: options.since === undefined ? undefined : Date.now() - options.since,
    newest: options.limit ?? (options.since === undefined ? SHOWN : undefined),
  };
  const print = printer(options, surroundings);
  if (options.follow) return follow(data, query, print, surroundings, stop);
  let isEmpty = true;
  for await (const event of told(data, query, stop)) {
    print(event);
    isEmpty = false;
  }
  if (isEmpty && !stop.aborted) surroundings.complain('Nothing of that has happened, or it is too long ago.');
}

/** By the factory, or out of its file while none runs. */
async function* told(data: string, query: EventQuery, stop: AbortSignal): AsyncGenerator<RecordedEvent> {
  await using client = createControlClient(controlSocket(data));
  let isTelling = false;
  try {
    for await (const event of client.events({ ...query, follow: false }, stop)) {
      isTelling = true;
      yield event;
    }
  } catch (error) {
    if (stop.aborted) return;
    if (isTelling || !isAway(error)) throw error;
    yield* readHistory(data, query);
  }
}

/** Goes on after the last one that was printed, whatever becomes of the factory meanwhile. */
async function follow(
  data: string,
  query: EventQuery,
  print: (event: RecordedEvent) => void,
  { complain }: Surroundings,
  stop: AbortSignal,
): Promise<void> {
  let last: number | undefined;
  const rest = () => (last === undefined ? query : { ...query, after: last, newest: undefined });
  const see = (event: RecordedEvent) => {
    print(event);
    last = event.id ?? last;
  };
  for (let isTold = false; !stop.aborted; ) {
    try {
      await using client = createControlClient(controlSocket(data));
      for await (const event of client.events({ ...rest(), follow: true }, stop)) {
        isTold = false;
        see(event);
      }
    } catch (error) {
      if (stop.aborted) return;
      if (!isAway(error)) throw error;
    }
    for (const event of readHistory(data, rest())) see(event);
    if (!isTold) complain('The factory does not run; waiting for it.');
    isTold = true;
    await delay(LOOK_EVERY, undefined, { signal: stop }).catch(() => {});
  }
}

function isAway(error: unknown): boolean {
  return error instanceof FactoryError && error.code === 'NOT_RUNNING';
}

function printer({ json }: EventsOptions, { say }: Surroundings): (event: RecordedEvent) => void {
  if (json) return (event) => say(JSON.stringify(event));
  // Paints only where standard output is a terminal.
  const paint = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text);
  return (event) => say(eventLine(event, Date.now(), paint));
}

function sinceArgument(text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Type a time such as 30m, 2h or 7d.');
}
