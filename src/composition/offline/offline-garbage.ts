import type { GarbageCollector } from '../../control/garbage-schema.ts';
import { clustersFolder } from '../clusters-folder.ts';
import { createGarbageCollector } from '../garbage.ts';
import { asideStates } from './aside-states.ts';
import { openOfflineSite } from './offline-site.ts';

/**
 * Where no factory runs; the caller holds the lock of the data folder. Routes of nobody go with the next start, which goes
 * through them anyway. Rejects with `CONFIG_INVALID`.
 */
export async function openOfflineGarbage(data: string): Promise<GarbageCollector> {
  const { engine, instance, creations } = await openOfflineSite(data);
  return createGarbageCollector({
    engine,
    instance,
    creations,
    circumstances: () => ({ now: Date.now(), makers: 'none', isLive: () => false, isWorking: () => false }),
    known: () => [],
    isTerminalOpen: () => false,
    routes: { keys: () => [], remove: async () => {} },
    aside: asideStates({ engine, instance, folder: clustersFolder(data) }),
  });
}
