import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { StartFactory, StartRequest } from '../../composition/start-request.ts';
import type { FactoryConfig } from '../../config/factory-config.ts';
import { openDataFolder } from '../../data-folder/open-data-folder.ts';
import { openLogFile } from '../../logging/log-file.ts';
import { createLogger, type Logger, standardError } from '../../logging/logger.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { keyAdvice } from '../key-advice.ts';
import { packageVersion } from '../package-version.ts';
import { assertOwnPortsFree, assertRoutePortsFree } from '../port-checks.ts';
import { assertReadyFileWritable, writeReadyFile } from '../ready-file.ts';
import { loadSettings } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { welcome } from '../welcome.ts';

/** For a look at the person's own keys and their ssh-agent; ms. */
const KEY_LOOKUP_LIMIT = 5_000;

export interface ServeOptions {
  readonly config?: string | undefined;
  readonly readyFile?: string | undefined;
}

export function addServeCommand(program: Command, { surroundings, start, stop }: CommandLine): void {
  program
    .command('serve')
    .description('run the factory until SIGTERM or Ctrl-C')
    .addOption(configOption())
    .option('--ready-file <path>', 'write the addresses to this file (JSON) when everything answers')
    .action((options: ServeOptions) => serve(options, surroundings, start, stop));
}

/**
 * Runs a factory until `stop` aborts; resolves when it has stopped. Rejects with a `FactoryError` where it can't start, and
 * then has left nothing running.
 */
export async function serve(
  options: ServeOptions,
  surroundings: Surroundings,
  start: StartFactory,
  stop: AbortSignal,
): Promise<void> {
  const { workingFolder, home, env } = surroundings;
  const settings = await loadSettings(options.config, surroundings);
  const { config, labs } = settings;
  const { file: setupFile, setup, ignored } = settings.setup;
  for (const note of settings.notes) surroundings.say(note);

  const readyFile = options.readyFile === undefined ? undefined : resolve(workingFolder, options.readyFile);
  if (readyFile !== undefined) await assertReadyFileWritable(readyFile);
  using _lock = await openDataFolder(config.data);
  const logger = await openLog(config, surroundings);
  if (ignored !== undefined) logger.warn({ reason: ignored }, 'the set-up file is ignored');
  await assertOwnPortsFree(settings, workingFolder);
  const request: StartRequest = {
    version: await packageVersion(),
    config,
    labs,
    logger,
    k3d: setup.k3d ?? 'k3d',
    k3dImages: setup.k3dImages,
    setupFile,
    home,
    agentSocket: env.SSH_AUTH_SOCK,
    assertRoutePortsFree: (held) => assertRoutePortsFree(settings, workingFolder, held),
    stop,
  };
  await runUntil(stop, request, start, readyFile, surroundings.say);
}

/** To standard error and to the data folder, which must be there and this factory's own. */
async function openLog({ log, data }: FactoryConfig, { complain }: Surroundings): Promise<Logger> {
  const file = await openLogFile(data, (error) =>
    complain(`The log file in the data folder cannot be written (${error}); the log goes here alone.`),
  );
  return createLogger(log.level, file === undefined ? [standardError()] : [standardError(), file]);
}

async function runUntil(
  stop: AbortSignal,
  request: StartRequest,
  start: StartFactory,
  readyFile: string | undefined,
  say: (text: string) => void,
): Promise<void> {
  const factory = await start(request).catch((error: unknown) => {
    // A start that was told to stop half-way has done as it was told.
    if (stop.aborted) return undefined;
    throw error;
  });
  if (factory === undefined) return;
  try {
    await using _ready =
      readyFile === undefined ? undefined : await writeReadyFile(readyFile, factory.endpoints);
    const advice = await keyAdvice(request, AbortSignal.timeout(KEY_LOOKUP_LIMIT));
    if (advice !== undefined) say(advice);
    say(welcome(request.config, factory.endpoints));
    if (!stop.aborted) await once(stop, 'abort');
    request.logger.info('stopping');
  } finally {
    await factory.stop();
  }
}
