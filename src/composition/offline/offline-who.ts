import type { FactoryConfig } from '../../config/factory-config.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import { fixedGroups } from '../../groups/groups.ts';
import { createLabAccess } from '../../labs/lab-access.ts';
import type { LabCatalogue } from '../../labs/lab-catalogue.ts';
import type { Username } from '../../names/username.ts';
import { configPlaces, readLabPlaces } from '../../who/read-places.ts';
import { createWhoIs } from '../../who/who-is.ts';
import type { WhoReport } from '../../who/who-schema.ts';
import { openLabs } from '../open-labs.ts';
import { openOfflineIdentity } from './offline-identity.ts';

export interface OfflineWhoOptions extends Pick<LoadedConfig, 'problemAt'> {
  readonly config: FactoryConfig;
  readonly labs: LabCatalogue;
  /** Of the person who runs the command. */
  readonly home: string;
  readonly agentSocket: string | undefined;
}

/** What a factory would know of a user if it were started now; the caller holds the lock of the data folder. */
export async function whoIsOffline(
  options: OfflineWhoOptions,
  user: Username,
  signal: AbortSignal,
): Promise<WhoReport> {
  const { config, labs, home, agentSocket } = options;
  await using identity = openOfflineIdentity(config, { home, agentSocket });
  const groups = fixedGroups(config.groups);
  const places = { ...(await readLabPlaces(labs.all())), ...configPlaces(options) };
  const whoIs = createWhoIs({
    directory: identity,
    groups,
    labAccess: createLabAccess(groups, labs),
    labs: openLabs({ config, labs }, groups).resolver,
    places: () => places,
  });
  return await whoIs(user, signal);
}
