import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Role } from '../../composition/roles.ts';
import type { ClusterServiceConfig } from '../../config/factory-config.ts';
import { type CommandLine, configOption } from '../command-line.ts';
import { ALL_ROLES, parseRoles } from '../roles-argument.ts';
import { loadSettings } from '../settings.ts';
import type { Surroundings } from '../surroundings.ts';

/** Seen from the sources and from the build. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

const EXAMPLES = `
Examples:
  factory systemd-unit -c /etc/ssh-lab-factory/factory.yaml --user factory |
    sudo tee /etc/systemd/system/ssh-lab-factory.service
  sudo systemctl daemon-reload && sudo systemctl enable --now ssh-lab-factory`;

interface UnitOptions {
  readonly config?: string;
  readonly user?: string;
  readonly roles?: ReadonlySet<Role>;
}

export function addSystemdUnitCommand(program: Command, { surroundings }: CommandLine): void {
  program
    .command('systemd-unit')
    .description('print a systemd unit for this installation')
    .addOption(configOption())
    .option('--roles <roles>', 'of a process that does not do all: gateway, clusters', parseRoles)
    .option('--user <name>', 'the user that runs the factory (default: you)')
    .addHelpText('after', EXAMPLES)
    .action((options: UnitOptions) => printUnit(options, surroundings));
}

/** Rejects as `loadSettings` does, and with `CONFIG_INVALID` for a user that this machine does not have. */
async function printUnit(
  { config: configFile, user, roles = ALL_ROLES }: UnitOptions,
  caller: Surroundings,
): Promise<void> {
  const { unitFile } = await import('../systemd/unit-file.ts');
  const { workingFolder, env } = caller;
  const service = await surroundingsOf(user ?? caller.login, caller);
  const { config, setup } = await loadSettings(configFile, service);
  const setupFile = setup.file;
  const { service: cluster } = config.clusters;
  const [role] = roles.size === 1 ? roles : [];
  const data = role === 'clusters' ? cluster.data : config.data;
  const path = configFile === undefined ? undefined : resolve(workingFolder, configFile);
  const unit = unitFile({
    user: service.login,
    node: process.execPath,
    root: ROOT,
    config: path,
    workingFolder: path === undefined ? workingFolder : dirname(path),
    setupFile,
    dockerHost: env.DOCKER_HOST || undefined,
    data,
    role,
    sharedFolder: sharedFolder(role, cluster),
    shutdownTimeout: config.shutdown.timeout,
  });
  caller.say(unit.trimEnd());
  for (const step of stepsBefore(service.login, setupFile, data)) caller.complain(step);
}

/** Where this process puts what the other one looks for. */
function sharedFolder(role: Role | undefined, { listen, trust }: ClusterServiceConfig): string | undefined {
  if (role === 'gateway') return dirname(trust);
  return role === 'clusters' && listen.kind === 'socket' ? dirname(listen.path) : undefined;
}

/** As the service will find them: set-up was run by its user, with their home folder. */
async function surroundingsOf(user: string, caller: Surroundings): Promise<Surroundings> {
  if (user === caller.login) return caller;
  const { homeOf } = await import('../systemd/account.ts');
  return { ...caller, env: {}, home: await homeOf(user), login: user };
}

/** What would keep the service from starting; to standard error, as the unit itself is on its way into a file. */
function stepsBefore(user: string, setupFile: string, data: string): readonly string[] {
  const steps: string[] = [];
  if (!existsSync(setupFile)) steps.push(`Before its first start: sudo -u ${user} -H ${ROOT}/factory setup`);
  // systemd makes those below /var/lib by itself.
  if (!data.startsWith('/var/lib/') && !existsSync(data))
    steps.push(`Before its first start: sudo install -d -o ${user} -m 700 ${data}`);
  return steps;
}
