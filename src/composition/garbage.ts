import type { CreationRecords } from '../clusters/k3d/creation/creation-records.ts';
import type {
  Collection,
  Garbage,
  GarbageCollector,
  GarbageItem,
  OrphanStatus,
} from '../control/garbage-schema.ts';
import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { type Circumstances, findOrphans, type Orphan } from '../inventory/orphans.ts';
import type { InstanceId } from '../names/instance-id.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { orphanStep } from '../removal/orphan-steps.ts';
import { takeSteps } from '../removal/removal-step.ts';
import { hangUp } from '../runtime/docker/sessions/exec-terminal.ts';
import { leftTerminals } from '../runtime/docker/sessions/left-terminals.ts';

/** Where garbage is looked for, and who knows what is none. */
export interface GarbageSite {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly creations: CreationRecords;
  readonly circumstances: () => Circumstances;
  /** Workspaces that have or had a controller; Docker may have nothing of theirs that names them. */
  readonly known: () => readonly WorkspaceKey[];
  readonly routes: {
    keys(): readonly WorkspaceKey[];
    remove(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  };
  /** Whether a session holds this terminal. */
  isTerminalOpen(mark: string): boolean;
  readonly aside: {
    list(signal: AbortSignal): Promise<readonly { key: WorkspaceKey; cluster: string; at: number }[]>;
    remove(cluster: string, signal: AbortSignal): Promise<void>;
  };
}

/** Over a factory that runs, or over what is there without one. */
export function createGarbageCollector(site: GarbageSite): GarbageCollector {
  return {
    async list(signal): Promise<Garbage> {
      const { orphans } = await look(site, signal);
      return { orphans: orphans.map(statusOf) };
    },
    async collect(items, signal): Promise<Collection> {
      const { orphans, inventory } = await look(site, signal);
      const wanted = new Set(items.map(nameOf));
      const chosen = orphans.filter((orphan) => wanted.has(nameOf(orphan)));
      const { engine, instance, creations, routes, aside, circumstances } = site;
      const parts = {
        engine,
        instance,
        records: creations,
        workspaces: inventory.workspaces,
        removeRoute: routes.remove,
        removeState: aside.remove,
        hangUp: (container: string, mark: string, stop: AbortSignal) => hangUp(engine, container, mark, stop),
        isStillOrphan: (orphan: Orphan) => isStillOrphan(orphan, circumstances()),
      };
      const byStep = new Map(chosen.map((orphan) => [orphanStep(parts, orphan), orphan]));
      const { removed, failed } = await takeSteps([...byStep.keys()], () => {}, signal);
      return {
        removed: removed.flatMap((step) => byStep.get(step) ?? []).map(statusOf),
        failed: failed.flatMap(({ step, reason }) => {
          const orphan = byStep.get(step);
          return orphan === undefined ? [] : [{ ...statusOf(orphan), reason: reasonOf(reason) }];
        }),
      };
    },
  };
}

async function look(
  site: GarbageSite,
  signal: AbortSignal,
): Promise<{ readonly orphans: readonly Orphan[]; readonly inventory: Inventory }> {
  const { engine, instance, creations, known, routes, aside, circumstances } = site;
  const set = await aside.list(signal);
  const also = [...known(), ...routes.keys(), ...set.map(({ key }) => key)];
  const inventory = await takeInventory(engine, instance, creations, signal, also);
  // Asked for last: who has come meanwhile is seen.
  const holdings = {
    instance,
    inventory,
    creations: await creations.list(),
    routes: routes.keys(),
    aside: set,
    terminals: await leftTerminals(engine, instance, (mark) => site.isTerminalOpen(mark), signal),
  };
  return { orphans: findOrphans(holdings, circumstances()), inventory };
}

function isStillOrphan({ key, kind }: Orphan, { isLive, isWorking }: Circumstances): boolean {
  if (key === undefined || kind === 'terminal') return true;
  return kind === 'state' ? !isWorking(key) : !isLive(key);
}

function nameOf({ kind, name }: GarbageItem): string {
  return `${kind} ${name}`;
}

function statusOf({ kind, name, key, why, parts }: Orphan): OrphanStatus {
  return {
    kind,
    name,
    workspace: key === undefined ? null : formatWorkspaceKey(key),
    why,
    parts: [...parts],
  };
}

/** Docker's own words are of more use than ours. */
function reasonOf(reason: Error): string {
  return (reason instanceof FactoryError ? reason.detail : undefined) ?? reason.message;
}
