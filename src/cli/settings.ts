import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigSource } from '../config/config-source.ts';
import { defaultConfig, ownerName } from '../config/default-config.ts';
import type { FactoryDefaults } from '../config/factory-defaults.ts';
import { NOTHING_ALLOWED } from '../config/lab-policy.ts';
import { type LoadConfigOptions, type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { formatProblem } from '../config/problem.ts';
import { assertHostsApart } from '../labs/host-checks.ts';
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

/** `configFile` undefined: the default configuration. Rejects as `loadConfig`, `loadLabs` and `assertHostsApart` do. */
export async function loadSettings(
  configFile: string | undefined,
  surroundings: Surroundings,
): Promise<Settings> {
  const { workingFolder, login, env } = surroundings;
  const reading = await readSetupFile(surroundings);
  const owner = ownerName(login);
  const defaults: FactoryDefaults = {
    owner: owner.user,
    images: reading.setup.images ?? PUBLIC_IMAGES,
    labs: PACKAGED_LABS,
    lab: parseLabName('k3s'),
  };
  const options =
    configFile === undefined ? undefined : { file: configFile, workingFolder, defaults, findLabs, env };
  const loaded = await (options ? loadConfig(options) : withoutFile(workingFolder, defaults));
  const { labs: folders, lifecycle, identity } = loaded.config;
  const labs = await loadLabs({ folders, lifecycle, workingFolder, policy: loaded.policy });
  assertHostsApart(loaded, labs, workingFolder);
  const renamed = owner.changed && identity.some((source) => source.kind === 'own');
  return {
    ...loaded,
    source: options && sourceOf(options, loaded, labs),
    setup: reading,
    labs,
    notes: [
      ...(renamed ? [`Your login name ${login} can't be a user name here, so you are ${owner.user}.`] : []),
      ...loaded.remarks.map((remark) => formatProblem(remark, workingFolder)),
    ],
  };
}

/** Read again, it is held against the labs that were loaded at the start. */
function sourceOf(options: LoadConfigOptions, loaded: LoadedConfig, labs: LabCatalogue): ConfigSource {
  const { file, workingFolder } = options;
  return {
    file: resolve(workingFolder, file),
    workingFolder,
    loaded,
    reload: async (loadedLabs) => {
      const found = await loadConfig({ ...options, loadedLabs });
      assertHostsApart(found, labs, workingFolder);
      return found;
    },
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
