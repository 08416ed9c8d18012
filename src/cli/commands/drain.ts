import { setTimeout as delay } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { duration } from '../../config/values.ts';
import { type ControlClient, createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { drainRequestSchema, LONGEST_DRAIN } from '../../control/drain-request.ts';
import { asFactoryError, FactoryError } from '../../errors/factory-error.ts';
import { inWords } from '../../words/time-span.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { findDataFolder } from '../find-data-folder.ts';
import type { Surroundings } from '../surroundings.ts';

interface DrainOptions {
  readonly config?: string;
  /** ms */
  readonly in: number;
  readonly message?: string;
  readonly wait: boolean;
  readonly cancel?: boolean;
}

/** ms */
const TEN_MINUTES = 600_000;
const LOOK_EVERY = 500;
/** After their time sessions get this long to end; ms. */
const PATIENCE = 15_000;

const HELP = `
The factory goes on running, with nobody in it: restart or stop it then. Workspaces stay as they are; who is not back within the
grace time after the restart finds a suspended one, as after every logout.

Examples:
  factory drain --in 10m --message "Upgrade to the new labs."
  factory drain --in 0s && systemctl restart ssh-lab-factory
  factory drain --cancel`;

export function addDrainCommand(program: Command, { surroundings, stop }: CommandLine): void {
  program
    .command('drain')
    .description('take no new sessions, tell those that are there, and end them at a time; for upgrades')
    .addOption(configOption())
    .addOption(
      new Option('--in <time>', 'when to end the sessions that are still there then')
        .argParser(parseIn)
        .default(TEN_MINUTES, '10m'),
    )
    .option('-m, --message <text>', 'what to tell the students besides', parseMessage)
    .option('--no-wait', 'return at once, not when the last session has ended')
    .option('--cancel', 'take sessions again')
    .addHelpText('after', HELP)
    .action((options: DrainOptions) => drain(options, surroundings, stop));
}

async function drain(options: DrainOptions, surroundings: Surroundings, stop: AbortSignal): Promise<void> {
  const { say } = surroundings;
  const data = await findDataFolder(options.config, surroundings);
  await using client = createControlClient(controlSocket(data), surroundings.login);
  if (options.cancel) {
    await client.cancelDrain(stop);
    say('The factory takes sessions again.');
    return;
  }
  const message = options.message === undefined ? {} : { message: options.message };
  const { until } = await client.drain({ within_ms: options.in, ...message }, stop);
  const sessions = await sessionsNow(client, stop);
  say(
    `No new sessions from now on; ${sessionsText(sessions)}, to end in ${inWords(options.in)} at the latest.`,
  );
  if (!options.wait) return;
  if (await untilEmpty(client, Date.parse(until), surroundings, stop))
    say('Nobody is in the factory any more.');
}

/** False: told to stop before; the drain goes on. */
async function untilEmpty(
  client: ControlClient,
  until: number,
  { complain }: Surroundings,
  stop: AbortSignal,
): Promise<boolean> {
  let told = '';
  while (!stop.aborted) {
    // An answer may take long: what ends the wait is one that was asked for at the end of the time.
    const isLast = Date.now() >= until + PATIENCE;
    const sessions = await sessionsNow(client, stop);
    if (sessions === 0) return true;
    if (stop.aborted) return false;
    if (isLast) throw sessions instanceof FactoryError ? sessions : notEnded();
    const silent = sessions instanceof FactoryError;
    const news = silent ? `${sessions.message} It is asked again` : sessionsText(sessions);
    const text = `${news}, ${inWords(until - Date.now())} left`;
    if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`);
    else if (news !== told) complain(text);
    told = news;
    await delay(LOOK_EVERY, undefined, { signal: stop }).catch(() => undefined);
  }
  return false;
}

/** How many there are, or why that is not known: a busy factory may not answer, and its drain goes on. */
async function sessionsNow(client: ControlClient, stop: AbortSignal): Promise<number | FactoryError> {
  try {
    return (await client.status(stop)).sessions;
  } catch (thrown) {
    const error = asFactoryError(thrown);
    if (stop.aborted || error.code === 'CONTROL_FAILED') return error;
    throw thrown;
  }
}

function notEnded(): FactoryError {
  return new FactoryError(
    'CONTROL_FAILED',
    'Some sessions have not ended; `factory status` shows whose they are.',
  );
}

function sessionsText(count: number | FactoryError): string {
  if (count instanceof FactoryError) return 'how many are there is not known';
  return count === 1 ? '1 session is there' : `${count} sessions are there`;
}

function parseIn(text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success && parsed.data <= LONGEST_DRAIN) return parsed.data;
  throw new InvalidArgumentError('It must be a time such as 30s, 10m or 2h, and a day at most.');
}

function parseMessage(text: string): string {
  const parsed = drainRequestSchema.shape.message.safeParse(text);
  if (parsed.success && parsed.data !== undefined) return parsed.data;
  throw new InvalidArgumentError('It must be one line of at most 200 characters.');
}
