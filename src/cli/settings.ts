import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigSource } from '../config/config-source.ts';
import { defaultConfig, ownerName } from '../config/default-config.ts';
import type { FactoryDefaults } from '../config/factory-defaults.ts';
import { NOTHING_ALLOWED } from '../config/lab-policy.ts';
import { type LoadConfigOptions, type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { formatProblem } from '../config/problem.ts';
import type { LabCatalogue } from '../labs/lab-catalogue.ts';
import { findLabs, loadLabs } from '../labs/load-labs.ts';
import { parseLabName } from '../names/lab-name.ts';
import { readSetupFile, type SetupReading } from './setup-file.ts';
import type { Surroundings } from './surroundings.ts';

/** The configuration and all that it names. */
export interface Settings extends LoadedConfig {
  readonly labs: LabCatalogue;
  /** The configuration file, to be read again while the factory runs. */
  readonly source: ConfigSource | undefined;
  /** What set-up found or made, which the defaults are taken from. */
  readonly setup: SetupReading;
  /** What the person should know of it. */
  readonly notes: readonly string[];
}

/** Taken where neither the configuration nor the set-up names an image. */
const PUBLIC_IMAGES = { node: 'rancher/k3s:v1.35.0-k3s1', traefik: 'traefik:v3.6.0' } as const;

/** The same place in the sources and in the build. */
const PACKAGED_LABS = fileURLToPath(new URL('../../labs', import.meta.url));

/** `configFile` undefined: the default configuration. Rejects as `loadConfig` and `loadLabs` do. */
export async function loadSettings(
  configFile: string | undefined,
  surroundings: Surroundings,
): Promise<Settings> {
  const { workingFolder, login } = surroundings;
  const reading = await readSetupFile(surroundings);
  const owner = ownerName(login);
  const defaults: FactoryDefaults = {
    owner: owner.user,
    images: reading.setup.images ?? PUBLIC_IMAGES,
    labs: PACKAGED_LABS,
    lab: parseLabName('k3s'),
  };
  const source =
    configFile === undefined
      ? undefined
      : await openSource({ file: configFile, workingFolder, defaults, findLabs, env: surroundings.env });
  const loaded = source?.loaded ?? (await withoutFile(workingFolder, defaults));
  const { labs: folders, lifecycle, identity } = loaded.config;
  const renamed = owner.changed && identity.some((source) => source.kind === 'own');
  return {
    ...loaded,
    source,
    setup: reading,
    labs: await loadLabs({ folders, lifecycle, workingFolder, policy: loaded.policy }),
    notes: [
      ...(renamed ? [`Your login name ${login} can't be a user name here, so you are ${owner.user}.`] : []),
      ...loaded.remarks.map((remark) => formatProblem(remark, workingFolder)),
    ],
  };
}

async function openSource(options: LoadConfigOptions): Promise<ConfigSource> {
  const { file, workingFolder } = options;
  return {
    file: resolve(workingFolder, file),
    workingFolder,
    loaded: await loadConfig(options),
    reload: (loadedLabs) => loadConfig({ ...options, loadedLabs }),
  };
}

async function withoutFile(workingFolder: string, defaults: FactoryDefaults): Promise<LoadedConfig> {
  const { names } = await findLabs(defaults.labs, NOTHING_ALLOWED);
  return {
    config: defaultConfig(workingFolder, defaults, names),
    policy: NOTHING_ALLOWED,
    secretValues: [],
    remarks: [],
    problemAt: () => undefined,
  };
}
