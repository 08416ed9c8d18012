import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Role } from '../../composition/roles.ts';
import type { StartRequest } from '../../composition/start-request.ts';
import { openDataFolder } from '../../data-folder/open-data-folder.ts';
import { openLogFile } from '../../logging/log-file.ts';
import { createLogger, type Logger, standardError } from '../../logging/logger.ts';
import { type CommandLine, configOption, type Starts } from '../command-line.ts';
import { keyAdvice } from '../key-advice.ts';
import { packageVersion } from '../package-version.ts';
import { assertOwnPortsFree, assertRoutePortsFree } from '../port-checks.ts';
import { assertReadyFileWritable, writeReadyFile } from '../ready-file.ts';
import { ALL_ROLES, parseRoles } from '../roles-argument.ts';
import { loadSettings, type Settings } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { welcome } from '../welcome.ts';

/** For a look at the person's own keys and their ssh-agent; ms. */
const KEY_LOOKUP_LIMIT = 5_000;

export interface ServeOptions {
  readonly config?: string | undefined;
  readonly readyFile?: string | undefined;
  /** Absent: all. */
  readonly roles?: ReadonlySet<Role> | undefined;
}

export function addServeCommand(program: Command, { surroundings, starts, stop }: CommandLine): void {
  program
    .command('serve')
    .description('run the factory until SIGTERM or Ctrl-C')
    .addOption(configOption())
    .option('--roles <roles>', 'what this process does: all, gateway, clusters', parseRoles)
    .option('--ready-file <path>', 'write the addresses to this file (JSON) when everything answers')
    .action((options: ServeOptions) => serve(options, surroundings, starts, stop));
}

/**
 * Runs a factory until `stop` aborts; resolves when it has stopped. Rejects with a `FactoryError` where it can't start, and
 * then has left nothing running.
 */
export async function serve(
  options: ServeOptions,
  surroundings: Surroundings,
  starts: Starts,
  stop: AbortSignal,
): Promise<void> {
  const { workingFolder, home, env } = surroundings;
  const settings = await loadSettings(options.config, surroundings);
  const { config, labs } = settings;
  const { file: setupFile, setup, ignored } = settings.setup;
  for (const note of settings.notes) surroundings.say(note);

  const readyFile = options.readyFile === undefined ? undefined : resolve(workingFolder, options.readyFile);
  if (readyFile !== undefined) await assertReadyFileWritable(readyFile);
  const { roles = ALL_ROLES } = options;
  const isGateway = roles.has('gateway');
  const data = isGateway ? config.data : config.clusters.service.data;
  using _lock = await openDataFolder(data);
  const logger = await openLog(settings, data, surroundings);
  if (ignored !== undefined) logger.warn({ reason: ignored }, 'the set-up file is ignored');
  if (isGateway) await assertOwnPortsFree(settings, workingFolder);
  const request: StartRequest = {
    version: await packageVersion(),
    config,
    source: settings.source,
    roles,
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
  const start = isGateway ? () => startGateway(starts, request) : () => startClusters(starts, request);
  await runUntil(stop, request, start, readyFile, surroundings.say);
}

/** To standard error and to the data folder, which must be there and this factory's own. */
async function openLog(
  { config, secretValues }: Pick<Settings, 'config' | 'secretValues'>,
  data: string,
  { complain }: Surroundings,
): Promise<Logger> {
  const file = await openLogFile(data, (error) =>
    complain(`The log file in the data folder cannot be written (${error}); the log goes here alone.`),
  );
  const streams = file === undefined ? [standardError()] : [standardError(), file];
  return createLogger(config.log.level, streams, secretValues);
}

/** What runs, and what the person is told then. */
interface Started {
  readonly endpoints: object;
  stop(): Promise<void>;
  greeting(): Promise<readonly string[]>;
}

async function startGateway({ factory }: Starts, request: StartRequest): Promise<Started> {
  const running = await factory(request);
  return {
    ...running,
    async greeting() {
      const advice = await keyAdvice(request, AbortSignal.timeout(KEY_LOOKUP_LIMIT));
      return [...(advice === undefined ? [] : [advice]), welcome(request.config, running.endpoints)];
    },
  };
}

async function startClusters({ clusterService }: Starts, request: StartRequest): Promise<Started> {
  const running = await clusterService(request);
  const { url } = running.endpoints.clusters;
  const text = `The cluster service listens on ${url} for the gateway (factory serve --roles gateway).`;
  return { ...running, greeting: async () => [text] };
}

async function runUntil(
  stop: AbortSignal,
  request: StartRequest,
  start: () => Promise<Started>,
  readyFile: string | undefined,
  say: (text: string) => void,
): Promise<void> {
  const started = await start().catch((error: unknown) => {
    // A start that was told to stop half-way has done as it was told.
    if (stop.aborted) return undefined;
    throw error;
  });
  if (started === undefined) return;
  try {
    await using _ready =
      readyFile === undefined ? undefined : await writeReadyFile(readyFile, started.endpoints);
    for (const text of await started.greeting()) say(text);
    if (!stop.aborted) await once(stop, 'abort');
    request.logger.info('stopping');
  } finally {
    await started.stop();
  }
}
