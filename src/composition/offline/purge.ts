import { FactoryError } from '../../errors/factory-error.ts';
import { forgetRecord } from '../../history/forget-record.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { asideSteps } from '../../removal/aside-steps.ts';
import { dataFolderSteps, pathStep } from '../../removal/data-folder-steps.ts';
import { containerStep, networkStep, volumeStep } from '../../removal/docker-steps.ts';
import { labImageSteps } from '../../removal/lab-image-steps.ts';
import { type RemovalOutcome, type RemovalStep, takeSteps } from '../../removal/removal-step.ts';
import { workspaceSteps } from '../../removal/workspace-steps.ts';
import { clustersFolder } from '../clusters-folder.ts';
import { chosenWorkspaces, inventoryOf, type OfflineSite, openOfflineSite } from './offline-site.ts';

/** What shall go: everything of the instance, or one workspace of it. */
export type PurgeScope =
  | {
      readonly kind: 'everything';
      /** The images of these labs that set-up built; undefined: none. */
      readonly labImages: readonly string[] | undefined;
      /** Set-up's cache folder; undefined: it stays. */
      readonly cache: string | undefined;
    }
  | { readonly kind: 'workspace'; readonly key: WorkspaceKey; readonly home: boolean };

/** What a purge would do, found out without doing any of it. */
export interface PurgePlan {
  readonly instance: string;
  readonly steps: readonly RemovalStep[];
  /**
   * Where something could not be removed, the same again goes on there. The data folder, which tells what is this factory's,
   * goes only when nothing else is left.
   */
  carryOut(onStep: (step: RemovalStep) => void, signal: AbortSignal): Promise<RemovalOutcome>;
}

/** The caller holds the lock of the data folder. Rejects with `WORKSPACE_UNKNOWN` and what Docker fails with. */
export async function planPurge(data: string, scope: PurgeScope, signal: AbortSignal): Promise<PurgePlan> {
  const site = await openOfflineSite(data);
  const phases =
    scope.kind === 'everything'
      ? await everything(site, scope, signal)
      : [await oneWorkspace(site, scope, signal)];
  return {
    instance: site.instance,
    steps: phases.flat(),
    async carryOut(onStep, stop) {
      const removed: RemovalStep[] = [];
      for (const steps of phases) {
        const outcome = await takeSteps(steps, onStep, stop);
        removed.push(...outcome.removed);
        if (outcome.failed.length > 0) return { removed, failed: outcome.failed };
      }
      if (scope.kind === 'workspace') {
        await site.restores.remove(scope.key);
        forgetRecord(data, scope.key);
      }
      return { removed, failed: [] };
    },
  };
}

type Everything = Extract<PurgeScope, { kind: 'everything' }>;
type OneWorkspace = Extract<PurgeScope, { kind: 'workspace' }>;

/** First what Docker has, then the data folder that tells what it is. */
async function everything(
  site: OfflineSite,
  { labImages, cache }: Everything,
  signal: AbortSignal,
): Promise<readonly RemovalStep[][]> {
  const { engine, instance, data, creations } = site;
  const { workspaces, shared } = await inventoryOf(site, signal);
  const parts = { engine, instance, records: creations };
  const cacheStep = cache === undefined ? undefined : await pathStep(cache);
  return [
    [
      ...shared.containers.map((name) => containerStep(engine, name)),
      ...workspaces.flatMap((one) => workspaceSteps(parts, one, { cluster: true, home: true })),
      ...(await asideSteps({ engine, folder: clustersFolder(data) }, undefined)),
      ...shared.networks.map((name) => networkStep(engine, name)),
      ...shared.volumes.map((name) => volumeStep(engine, name)),
      ...(labImages === undefined ? [] : await labImageSteps(engine, labImages, signal)),
    ],
    [...(await dataFolderSteps(data)), ...(cacheStep === undefined ? [] : [cacheStep])],
  ];
}

async function oneWorkspace(
  site: OfflineSite,
  { key, home }: OneWorkspace,
  signal: AbortSignal,
): Promise<RemovalStep[]> {
  const { engine, instance, creations } = site;
  const { workspaces } = await inventoryOf(site, signal);
  const [workspace] = chosenWorkspaces(site.data, workspaces, [key]);
  if (workspace === undefined) return [];
  if ((await site.restores.has(key)) && !home) throw halfRestored(key);
  const parts = { engine, instance, records: creations };
  const aside = await asideSteps({ engine, folder: clustersFolder(site.data) }, key);
  return [...workspaceSteps(parts, workspace, { cluster: true, home }), ...aside];
}

function halfRestored(key: WorkspaceKey): FactoryError {
  const name = formatWorkspaceKey(key);
  return new FactoryError(
    'RESTORE_UNFINISHED',
    `A restore of ${name} was cut off, so its home may be half of one; give --with-home as well, or the same restore again.`,
  );
}
