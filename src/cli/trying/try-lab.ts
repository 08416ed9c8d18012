import { once } from 'node:events';
import { startTry, type TriedLab } from '../../composition/start-try.ts';
import { ownerName } from '../../config/default-config.ts';
import type { FactoryConfig } from '../../config/factory-config.ts';
import { NOTHING_ALLOWED } from '../../config/lab-policy.ts';
import { removeUnusedDataFolder } from '../../data-folder/open-data-folder.ts';
import type { Standing } from '../../groups/standing.ts';
import { type LabDefinition, NOTHING_GIVEN } from '../../labs/lab-definition.ts';
import { loadLabs } from '../../labs/load-labs.ts';
import { createTemplateLabs } from '../../labs/template-labs.ts';
import { openLogFile } from '../../logging/log-file.ts';
import { createLogger, type Logger } from '../../logging/logger.ts';
import type { Username } from '../../names/username.ts';
import { systemClock } from '../../time/clock.ts';
import { assertLinux } from '../../try/engine-here.ts';
import { findLabFolder } from '../../try/find-lab.ts';
import { type LabChoice, parseLabChoice, shownUrl } from '../../try/lab-choice.ts';
import { runLocalShell } from '../../try/local-shell.ts';
import { onOwnMachine } from '../../try/on-own-machine.ts';
import { followProgress } from '../../waiting/follow-progress.ts';
import type { CommandLine } from '../command-line.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { typedCommand } from '../typed-command.ts';
import { setUpHost } from './set-up-host.ts';
import { lockTryFolders, type TryFolders, tryFolders } from './try-folders.ts';

/** 128 + SIGINT, as a shell has it. */
const INTERRUPTED = 130;

/**
 * A lab for the person at this terminal, until its shell ends; its exit status is the program's. Rejects with what is wrong with
 * `lab`, with `ALREADY_RUNNING`, and as `startTry` and `runLocalShell` do.
 */
export async function tryLab(lab: string, path: string | undefined, line: CommandLine): Promise<void> {
  const { surroundings, stop, exitWith } = line;
  const choice = parseLabChoice(lab, path);
  assertLinux(process.platform);
  const folders = tryFolders(surroundings);
  using _lock = await lockTryFolders(folders);
  try {
    const unready = await setUpHost(surroundings, stop);
    exitWith(unready === 0 ? await open(choice, folders, line) : unready);
  } catch (error) {
    if (!stop.aborted) throw error;
    exitWith(INTERRUPTED);
  } finally {
    await removeUnusedDataFolder(folders.data);
  }
}

/** Resolves with the exit status. */
async function open(choice: LabChoice, folders: TryFolders, line: CommandLine): Promise<number> {
  const { surroundings, stop } = line;
  const { say } = surroundings;
  const settings = await loadSettings(undefined, surroundings);
  for (const note of settings.notes) say(note);
  const { user } = ownerName(surroundings.login);
  const lab = await findLab(choice, user, folders, settings, line);

  const command = commandFor(choice, line);
  const config = configFor(settings.config, folders, lab);
  const logger = await openLog(folders, config, line);
  say(`Starting the lab ${lab.name} of ${user}`);
  const tried = await startTry({
    user,
    lab,
    // Set-up has built those of the labs that come with the program.
    buildsImage: settings.labs.get(lab.name)?.folder !== lab.folder,
    command: command.again,
    say,
    config,
    logger,
    k3d: settings.setup.setup.k3d ?? 'k3d',
    k3dImages: settings.setup.setup.k3dImages,
    setupFile: settings.setup.file,
    stop,
  });
  try {
    for (const sentence of whereItIs(tried, config)) say(sentence);
    return await use(tried, lab, command, logger, line);
  } finally {
    say(`Pausing the lab ${lab.name}`);
    const sleeps = await tried.close();
    say(
      sleeps ? 'It sleeps; nothing is lost.' : 'It could not be paused; `docker ps` shows what still runs.',
    );
    say(`Come back:      ${command.again}\nRemove it all:  ${command.remove}`);
  }
}

async function findLab(
  choice: LabChoice,
  user: Username,
  { clones }: TryFolders,
  { labs: packaged, config }: Settings,
  { surroundings: { say, workingFolder }, stop: signal }: CommandLine,
): Promise<LabDefinition> {
  const folder = await findLabFolder(choice, { packaged, workingFolder, clones, say, signal });
  const { lifecycle, domain } = config;
  // A stranger's lab gets no secret and nothing of this machine.
  const labs = await loadLabs({ folders: [folder], lifecycle, workingFolder, policy: NOTHING_ALLOWED });
  const standing: Standing = { groups: config.groups.map(({ name }) => name), role: 'admin' };
  const templates = createTemplateLabs({ catalogue: labs, domain, standingOf: () => standing });
  const [lab] = labs.all().map(({ name }) => templates.resolve({ user, lab: name }, NOTHING_GIVEN));
  if (lab === undefined) throw new Error(`a lab folder without a lab: ${folder}`);
  return onOwnMachine(lab);
}

interface Commands {
  readonly again: string;
  readonly remove: string;
}

function commandFor(choice: LabChoice, { surroundings }: CommandLine): Commands {
  const program = `${typedCommand(surroundings)} try`;
  return { again: `${program} ${asTyped(choice)}`, remove: `${program} --remove` };
}

function asTyped(choice: LabChoice): string {
  if (choice.kind === 'local') return choice.text;
  return `${shownUrl(choice.url)}${choice.path === '.' ? '' : `#${choice.path}`}`;
}

/** The default configuration, with a data folder of its own, and nothing that is asked for by its port. */
function configFor(config: FactoryConfig, { data }: TryFolders, lab: LabDefinition): FactoryConfig {
  return {
    ...config,
    data,
    labs: [lab.folder],
    web: { ...config.web, listen: { ...config.web.listen, port: 0 } },
  };
}

/** To the data folder alone: the terminal is the person's. */
async function openLog({ data }: TryFolders, { log }: FactoryConfig, line: CommandLine): Promise<Logger> {
  const file = await openLogFile(data, (error) =>
    line.surroundings.complain(`The log file in the data folder cannot be written (${error}).`),
  );
  return createLogger(log.level, file === undefined ? [] : [file]);
}

function whereItIs({ lease: { urls } }: TriedLab, { routes }: FactoryConfig): readonly string[] {
  const wanted = [routes.http.port, routes.https.port];
  const taken = wanted.filter((port) => ![urls.http, urls.https].some((url) => url.endsWith(`:${port}`)));
  return [
    ...taken.map((port) => `Port ${port} is taken on this machine, so another one takes its place.`),
    `What you put behind an Ingress answers at ${urls.http} and ${urls.https}`,
  ];
}

async function use(
  tried: TriedLab,
  lab: LabDefinition,
  commands: Commands,
  logger: Logger,
  { surroundings, stop }: CommandLine,
): Promise<number> {
  const { stdin: input, stdout: output } = process;
  if (!input.isTTY || !output.isTTY) return await hold(tried, lab, surroundings.say, stop);
  surroundings.say('`exit` leaves the lab.');
  const status = await runLocalShell(
    {
      lease: tried.lease,
      user: lab.container.user,
      privateKey: tried.innerPrivateKey,
      door: tried.door,
      remedy: `If it does not come back, remove it and begin anew: ${commands.remove}`,
      terminal: { input, output },
      clock: systemClock,
      logger,
    },
    stop,
  );
  return status ?? INTERRUPTED;
}

/** Without a terminal there is nobody for a shell; the lab is awake until the program is told to stop. */
async function hold(
  { lease, container }: TriedLab,
  { container: { user }, cluster }: LabDefinition,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<number> {
  using _container = followProgress(lease, 'container', say);
  using _cluster = followProgress(lease, 'cluster', say);
  await lease.containerReady(stop);
  if (cluster !== undefined) await lease.clusterReady(stop);
  say(
    `The lab is ready. A shell in it: docker exec -it -u ${user} ${container} sh -l\nCtrl-C leaves the lab.`,
  );
  if (!stop.aborted) await once(stop, 'abort');
  return 0;
}
