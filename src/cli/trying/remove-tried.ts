import { rm, rmdir } from 'node:fs/promises';
import { type PurgeScope, planPurge } from '../../composition/offline/purge.ts';
import { removeUnusedDataFolder } from '../../data-folder/open-data-folder.ts';
import { containerImages } from '../../labs/lab-catalogue.ts';
import type { CommandLine } from '../command-line.ts';
import { confirmByTyping } from '../confirm.ts';
import { describeStep, removalIncomplete, stepLines } from '../purge-report.ts';
import { loadSettings } from '../settings.ts';
import { cacheFolder } from '../setup-file.ts';
import type { Surroundings } from '../surroundings.ts';
import { lockTryFolders, tryFolders } from './try-folders.ts';

const CONFIRMATION = 'remove';

const WHAT_STAYS = "Images stay, and set-up's cache (k3d, tools); --all takes those that set-up brought.";

export interface RemoveOptions {
  readonly yes?: boolean | undefined;
  /** Also what other factories of this person may use: the images that set-up built for labs, and its cache. */
  readonly all?: boolean | undefined;
}

/**
 * Removes all that trying labs has made. Rejects with `ALREADY_RUNNING`, `NOT_CONFIRMED`, and `REMOVAL_INCOMPLETE` where something
 * is left; the same again goes on there.
 */
export async function removeTried(
  { yes = false, all = false }: RemoveOptions,
  { surroundings, stop }: CommandLine,
): Promise<void> {
  const { say, complain } = surroundings;
  const folders = tryFolders(surroundings);
  using _lock = await lockTryFolders(folders);
  try {
    const plan = await planPurge(folders.data, await scopeOf(all, surroundings), stop);
    if (plan.steps.length === 0) {
      say('There is nothing to remove.');
    } else {
      say('This is to be removed, for good, homes included:\n');
      for (const line of stepLines(plan.steps)) say(line);
      if (!yes) await confirmByTyping(CONFIRMATION, 'remove it', 'Nothing was removed.', stop);
      const { failed } = await plan.carryOut((step) => complain(`removing ${describeStep(step)}`), stop);
      if (failed.length > 0) throw removalIncomplete(failed);
      say(`All of it is removed.${all ? '' : ` ${WHAT_STAYS}`}`);
    }
    await rm(folders.clones, { recursive: true, force: true });
  } finally {
    await removeUnusedDataFolder(folders.data);
  }
  // Anything else in it is not ours.
  await rmdir(folders.root).catch(() => undefined);
}

async function scopeOf(all: boolean, surroundings: Surroundings): Promise<PurgeScope> {
  if (!all) return { kind: 'everything', labImages: undefined, cache: undefined };
  const { labs } = await loadSettings(undefined, surroundings);
  const labImages = containerImages(labs);
  return { kind: 'everything', labImages, cache: cacheFolder(surroundings) };
}
