import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { DoctorRequest } from '../../composition/offline/doctor.ts';
import { isDataFolderLocked } from '../../data-folder/data-lock.ts';
import type { Examination } from '../../doctor/examine.ts';
import type { Finding } from '../../doctor/finding.ts';
import { createLogger } from '../../logging/logger.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { formatCounts, formatFinding, formatJson } from '../doctor-report.ts';
import { parseResolver } from '../resolver-address.ts';
import { loadSettings } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
It changes nothing. To see whether privileged containers work it runs one for a moment and removes it.
With --dns it looks at the public side too: the domain's records in the DNS, who answers at its public addresses, the
ACME server, and whether that one may give out certificates (CAA). This asks name servers and the ACME server.

Status: 0 all right or only doubtful, 1 something is wrong, 78 the configuration is invalid, 130 interrupted.
docs/doctor.md tells of each check what it looks at and when it is wrong.

Examples:
  factory doctor                            before the first start: what is missing on this machine?
  factory doctor --config factory.yaml      the same for a configuration of your own; while it runs, too
  factory doctor --dns --config factory.yaml      also: do the names lead here, and will there be certificates?
  factory doctor --json | jq -r '.findings[] | select(.verdict == "wrong") | .check'`;

/** A check that takes longer than this is named on standard error; ms. */
const QUIET = 2_000;

/** How long checks that were given up may take to put away what they made; ms. */
const PUT_AWAY = 20_000;

const SOMETHING_WRONG = 1;
/** 128 + SIGINT, as a shell has it. */
const INTERRUPTED = 130;

export interface DoctorOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
  readonly dns?: boolean | undefined;
  readonly resolver?: string | undefined;
}

export function addDoctorCommand(program: Command, { surroundings, stop, exitWith }: CommandLine): void {
  program
    .command('doctor')
    .description('look at everything that the factory stands on, and say what to type where it is wrong')
    .addOption(configOption())
    .option('--json', 'print one JSON document: findings (check, verdict, text, remedy) and counts')
    .option('--dns', 'look at the public side too: DNS records, public ports, the ACME server, CAA')
    .option(
      '--resolver <address>',
      'ask this name server (with --dns): 9.9.9.9, 127.0.0.1:5353',
      parseResolver,
    )
    .addHelpText('after', HELP)
    .action(async (options: DoctorOptions) => exitWith(await runDoctor(options, surroundings, stop)));
}

/** Resolves with the status to end with. Rejects as `loadSettings` does. */
async function runDoctor(
  options: DoctorOptions,
  surroundings: Surroundings,
  stop: AbortSignal,
): Promise<number> {
  const { startDoctor } = await import('../../composition/offline/doctor.ts');
  const examinations = await startDoctor(await doctorRequest(options, surroundings, stop));
  const findings: Finding[] = [];
  for (const examination of examinations) {
    const finding = await findingOf(examination, surroundings);
    if (stop.aborted) break;
    findings.push(finding);
    if (options.json !== true) surroundings.say(formatFinding(finding));
  }
  await Promise.race([
    Promise.all(examinations.map(({ ended }) => ended)),
    delay(PUT_AWAY, undefined, { ref: false }),
  ]);
  if (stop.aborted) return INTERRUPTED;
  surroundings.say(options.json === true ? formatJson(findings) : `\n${formatCounts(findings)}`);
  return findings.some(({ verdict }) => verdict === 'wrong') ? SOMETHING_WRONG : 0;
}

async function doctorRequest(
  { config: file, dns, resolver }: DoctorOptions,
  surroundings: Surroundings,
  stop: AbortSignal,
): Promise<DoctorRequest> {
  const settings = await loadSettings(file, surroundings);
  const { config, labs } = settings;
  const { file: setupFile, setup, ignored } = settings.setup;
  if (ignored !== undefined) surroundings.complain(`The set-up file ${setupFile} is ignored: ${ignored}`);
  return {
    config,
    labs,
    logger: createLogger('silent'),
    k3d: setup.k3d ?? 'k3d',
    k3dImages: setup.k3dImages,
    setupFile,
    home: surroundings.home,
    agentSocket: surroundings.env.SSH_AUTH_SOCK,
    dockerHost: surroundings.env.DOCKER_HOST,
    outside: dns === true || resolver !== undefined ? { resolver } : undefined,
    isRunning: () => isDataFolderLocked(config.data),
    stop,
  };
}

async function findingOf({ check, finding }: Examination, { complain }: Surroundings): Promise<Finding> {
  const timer = setTimeout(() => complain(`still looking at ${check} …`), QUIET);
  try {
    return await finding;
  } finally {
    clearTimeout(timer);
  }
}
