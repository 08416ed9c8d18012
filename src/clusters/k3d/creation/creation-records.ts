import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { unlessMissing } from '../../../data-folder/unless-missing.ts';
import { writeDurably } from '../../../data-folder/write-durably.ts';
import { LABEL } from '../../../names/docker-names.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../../../names/workspace-key.ts';

/**
 * k3d's config files of the creations under way, and in their form a note of each removal. One that stayed behind tells of a
 * creation or removal that was cut off: the network has no label of ours and is made before any node and removed after the
 * last, so only this knows whose it is. All reject where it can not be read what there is.
 */
export interface CreationRecords {
  /** Resolves with the path of the file. */
  write(cluster: string, config: object): Promise<string>;
  /** Notes that a cluster, whose nodes carry these labels, is being removed. */
  writeRemoval(cluster: string, labels: Readonly<Record<string, string>>): Promise<void>;
  has(cluster: string): Promise<boolean>;
  remove(cluster: string): Promise<void>;
  list(): Promise<readonly WorkspaceKey[]>;
}

const SUFFIX = '.creating.yaml';

const recordSchema = z.object({
  options: z.object({ runtime: z.object({ labels: z.array(z.object({ label: z.string() })) }) }),
});

export function createCreationRecords(folder: string): CreationRecords {
  const path = (cluster: string) => join(folder, `${cluster}${SUFFIX}`);
  const write = async (cluster: string, config: object) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeDurably(path(cluster), literalConfig(config));
    return path(cluster);
  };
  return {
    write,
    async writeRemoval(cluster, labels) {
      const pairs = Object.entries(labels).map(([name, value]) => ({ label: `${name}=${value}` }));
      await write(cluster, { options: { runtime: { labels: pairs } } });
    },
    has: async (cluster) => (await unlessMissing(stat(path(cluster)), undefined)) !== undefined,
    remove: (cluster) => rm(path(cluster), { force: true }),
    async list() {
      const names = await unlessMissing(readdir(folder), []);
      const records = names.filter((name) => name.endsWith(SUFFIX));
      const texts = await Promise.all(
        records.map((name) => unlessMissing(readFile(join(folder, name), 'utf8'), '')),
      );
      return texts.flatMap((text) => keyOfRecord(text) ?? []);
    },
  };
}

/**
 * The config as JSON, which is YAML as well. k3d replaces `$NAME` anywhere in the text of the file by a variable of its environment
 * (os.ExpandEnv in cmd/util/config/config.go, v5.9) and has no sign against that, so there is no dollar in it.
 */
function literalConfig(config: object): string {
  return JSON.stringify(config, undefined, 2).replaceAll('$', '\\u0024');
}

/** Undefined for one that an older factory was killed in the middle of: nothing had been made then. */
function keyOfRecord(text: string): WorkspaceKey | undefined {
  const record = recordSchema.safeParse(parse(text, { logLevel: 'silent' }));
  if (!record.success) return undefined;
  const labels = new Map(
    record.data.options.runtime.labels.map(({ label }): [string, string] => {
      const at = label.indexOf('=');
      return [label.slice(0, at), label.slice(at + 1)];
    }),
  );
  return parseWorkspaceKey(labels.get(LABEL.user) ?? '', labels.get(LABEL.lab) ?? '');
}
