import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { unlessMissing } from '../../../data-folder/unless-missing.ts';
import { writeDurably } from '../../../data-folder/write-durably.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../../../names/workspace-key.ts';
import { type ClusterBlueprint, clusterBlueprintSchema } from '../recovery/cluster-blueprint.ts';

/** A volume of a node that is no more. */
export interface KeptVolume {
  /** The node's container, "k3d-alice-…-server-0". */
  readonly node: string;
  /** Where it was in the node: "/var/lib/rancher/k3s". */
  readonly path: string;
  /** As Docker calls it. */
  readonly volume: string;
}

/** What is kept of a cluster that was set aside. */
export interface AsideCluster {
  readonly key: WorkspaceKey;
  /** k3d's name of the cluster. */
  readonly cluster: string;
  readonly at: Date;
  /** What its containers were made from; undefined where they were odd or gone. */
  readonly blueprint: ClusterBlueprint | undefined;
  readonly volumes: readonly KeptVolume[];
}

/**
 * Docker keeps the volumes of a removed node and not a word of whose they were, so that is written down before the node goes.
 * A record is `pending` from before the first removal until the last, and `kept` from then on; there is one of each at most
 * for a workspace. `finish` makes the pending one the kept one, all at once. All reject where it can not be read what there is.
 */
export interface AsideRecords {
  begin(aside: AsideCluster): Promise<void>;
  finish(cluster: string): Promise<void>;
  pending(cluster: string): Promise<AsideCluster | undefined>;
  kept(cluster: string): Promise<AsideCluster | undefined>;
  /** Sorted by user and lab. */
  listPending(): Promise<readonly AsideCluster[]>;
  listKept(): Promise<readonly AsideCluster[]>;
  /** Of the kept one. */
  forget(cluster: string): Promise<void>;
  forgetAll(cluster: string): Promise<void>;
}

const PENDING = '.setting-aside.yaml';
const KEPT = '.set-aside.yaml';

const recordSchema = z.strictObject({
  user: z.string(),
  lab: z.string(),
  cluster: z.string(),
  at: z.iso.datetime(),
  blueprint: clusterBlueprintSchema.optional(),
  volumes: z.array(z.strictObject({ node: z.string(), path: z.string(), volume: z.string() })),
});

/** `folder`: the clusters' folder in the data folder. */
export function createAsideRecords(folder: string): AsideRecords {
  const path = (cluster: string, suffix: string) => join(folder, `${cluster}${suffix}`);
  const read = async (file: string) => asideOf(await unlessMissing(readFile(file, 'utf8'), ''));
  const list = async (suffix: string) => {
    const names = await unlessMissing(readdir(folder), []);
    const files = names.filter((name) => name.endsWith(suffix)).sort();
    const found = await Promise.all(files.map((name) => read(join(folder, name))));
    return found.flatMap((aside) => aside ?? []).sort(byWorkspace);
  };
  return {
    async begin({ key, at, ...aside }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const record = { ...key, ...aside, at: at.toISOString() };
      await writeDurably(path(aside.cluster, PENDING), stringify(record));
    },
    finish: (cluster) => rename(path(cluster, PENDING), path(cluster, KEPT)),
    pending: (cluster) => read(path(cluster, PENDING)),
    kept: (cluster) => read(path(cluster, KEPT)),
    listPending: () => list(PENDING),
    listKept: () => list(KEPT),
    forget: (cluster) => rm(path(cluster, KEPT), { force: true }),
    async forgetAll(cluster) {
      for (const suffix of [KEPT, PENDING]) await rm(path(cluster, suffix), { force: true });
    },
  };
}

/** Undefined where there is no such record. */
function asideOf(text: string): AsideCluster | undefined {
  const parsed = recordSchema.safeParse(parse(text, { logLevel: 'silent' }));
  if (!parsed.success) return undefined;
  const { user, lab, at, blueprint, ...aside } = parsed.data;
  const key = parseWorkspaceKey(user, lab);
  return key && { ...aside, key, at: new Date(at), blueprint };
}

function byWorkspace({ key: one }: AsideCluster, { key: other }: AsideCluster): number {
  return `${one.user} ${one.lab}` < `${other.user} ${other.lab}` ? -1 : 1;
}
