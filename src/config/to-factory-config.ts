import { resolve } from 'node:path';
import { socketPath } from '../data-folder/socket-path.ts';
import type { LabName } from '../names/lab-name.ts';
import { jwksFile } from '../tokens/token-files.ts';
import {
  type ClusterServiceConfig,
  type FactoryConfig,
  type GroupConfig,
  type IdentitySourceConfig,
  NO_OVERRIDES,
} from './factory-config.ts';
import type { FactoryDefaults } from './factory-defaults.ts';
import { DEFAULT_LIFECYCLE, toLifecycle } from './lifecycle-values.ts';
import type { ReadRoster, Rosters } from './rosters/read-rosters.ts';
import type { ConfigFile } from './schema.ts';
import { toAcmeConfig } from './sections/acme.ts';
import { toContainerSshConfig } from './sections/containerssh.ts';
import type { GroupFile } from './sections/group.ts';
import { toHooksConfig } from './sections/hooks.ts';
import { toFailedLogins } from './sections/ssh-failed-logins.ts';
import { toSshLimits } from './sections/ssh-limits.ts';
import { toWebConfig } from './sections/web.ts';
import { absoluteSocket, addressOf } from './service-address.ts';

/** The configuration as the factory uses it. `folder`: what its paths are relative to; `labs`: every lab there is. */
export function toFactoryConfig(
  file: ConfigFile,
  folder: string,
  defaults: FactoryDefaults,
  labs: readonly LabName[],
  rosters: Rosters['of'] = new Map(),
): FactoryConfig {
  return {
    domain: file.domain,
    data: resolve(folder, file.data),
    ssh: toSshConfig(file.ssh),
    web: toWebConfig(file.web, file.domain, folder),
    routes: toRoutesConfig(file.routes),
    acme: toAcmeConfig(file.acme, folder),
    identity: identityConfig(file, folder, defaults),
    groups: groupsConfig(file, defaults, labs, rosters),
    labs: file.labs?.map((path) => resolve(folder, path)) ?? [defaults.labs],
    lifecycle: toLifecycle(file.lifecycle, DEFAULT_LIFECYCLE),
    images: {
      node: file.images.node ?? defaults.images.node,
      traefik: file.images.traefik ?? defaults.images.traefik,
    },
    clusters: {
      subnets: file.clusters.subnets,
      minFreeDisk: file.clusters.min_free_disk,
      minFreeMemory: file.clusters.min_free_memory,
      service: serviceConfig(file, folder),
    },
    hooks: toHooksConfig(file.hooks, folder),
    containerssh: toContainerSshConfig(file.containerssh, folder),
    shutdown: file.shutdown,
    log: file.log,
  };
}

function toSshConfig({
  explain_refusals: explainRefusals,
  failed_logins: failedLogins,
  key_exchange: keyExchange,
  limits,
  ...ssh
}: ConfigFile['ssh']): FactoryConfig['ssh'] {
  return {
    ...ssh,
    keyExchange,
    explainRefusals,
    failedLogins: toFailedLogins(failedLogins),
    limits: toSshLimits(limits),
  };
}

function toRoutesConfig({
  trusted_proxies: trustedProxies,
  ...routes
}: ConfigFile['routes']): FactoryConfig['routes'] {
  return { ...routes, trustedProxies };
}

function serviceConfig(file: ConfigFile, folder: string): ClusterServiceConfig {
  const { service } = file.clusters;
  const gatewayData = resolve(folder, file.data);
  const data = service.data === undefined ? `${gatewayData}-clusters` : resolve(folder, service.data);
  const listen = absoluteSocket(
    service.listen ?? { kind: 'socket', path: socketPath(data, 'clusters.sock') },
    folder,
  );
  return {
    listen,
    url: absoluteSocket(service.url ?? addressOf(listen), folder),
    trust: service.trust === undefined ? jwksFile(gatewayData) : resolve(folder, service.trust),
    data,
  };
}

function identityConfig(
  file: ConfigFile,
  folder: string,
  defaults: FactoryDefaults,
): readonly IdentitySourceConfig[] {
  if (file.identity === undefined) return [{ kind: 'own', user: defaults.owner }];
  return file.identity.flatMap(({ files, github }): readonly IdentitySourceConfig[] => [
    ...(files === undefined ? [] : [{ kind: 'files', folder: resolve(folder, files) } as const]),
    ...(github === undefined
      ? []
      : [{ kind: 'github', url: github.url, freshFor: github.fresh_for, api: accountApi(github) } as const]),
  ]);
}

/** The one of github.com is known; another server has to be said to work as GitHub does. */
function accountApi({
  url,
  api,
}: {
  readonly url: string;
  readonly api?: string | undefined;
}): string | undefined {
  return api ?? (url === 'https://github.com' ? 'https://api.github.com' : undefined);
}

/** Without groups: everybody whom the sources know may use every lab; with a public source that is refused before. */
function groupsConfig(
  file: ConfigFile,
  defaults: FactoryDefaults,
  labs: readonly LabName[],
  rosters: Rosters['of'],
): readonly GroupConfig[] {
  if (file.groups !== undefined) {
    return file.groups.map((group, index) => groupConfig(group, labs, rosters.get(index)));
  }
  const defaultLab = labs.find((lab) => lab === defaults.lab);
  const rest = { roster: undefined, labs, defaultLab, overrides: NO_OVERRIDES };
  if (file.identity === undefined)
    return [{ name: 'owner', role: 'admin', members: [defaults.owner], ...rest }];
  return [{ name: 'everybody', role: 'student', members: ['*'], ...rest }];
}

function groupConfig(
  group: GroupFile,
  labs: readonly LabName[],
  roster: ReadRoster | undefined,
): GroupConfig {
  const { name, role, members: named = [], labs: own = labs, default_lab: defaultLab, overrides } = group;
  const listed = roster?.members ?? [];
  return {
    name,
    role,
    members: [...new Set([...named, ...listed.map(({ user }) => user)])],
    roster: roster && { file: roster.file, members: listed },
    labs: own,
    defaultLab,
    overrides:
      overrides === undefined
        ? NO_OVERRIDES
        : { ...overrides, container: overrides.container.limits, cluster: overrides.cluster.limits },
  };
}
