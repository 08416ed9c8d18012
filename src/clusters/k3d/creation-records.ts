import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { LABEL } from '../../names/docker-names.ts';
import { parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';

/**
 * k3d's config files of the creations under way. One that stayed behind tells of a creation that was cut off: k3d makes
 * the network before any node and with no label of ours, so only this knows whose it is.
 */
export interface CreationRecords {
  /** Resolves with the path of the file. */
  write(cluster: string, config: object): Promise<string>;
  remove(cluster: string): Promise<void>;
  list(): Promise<readonly WorkspaceKey[]>;
}

const SUFFIX = '.creating.yaml';

const recordSchema = z.object({
  options: z.object({ runtime: z.object({ labels: z.array(z.object({ label: z.string() })) }) }),
});

export function createCreationRecords(folder: string): CreationRecords {
  const path = (cluster: string) => join(folder, `${cluster}${SUFFIX}`);
  return {
    async write(cluster, config) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(path(cluster), stringify(config), { mode: 0o600 });
      return path(cluster);
    },
    remove: (cluster) => rm(path(cluster), { force: true }),
    async list() {
      const names = await readdir(folder).catch(() => []);
      const records = names.filter((name) => name.endsWith(SUFFIX));
      const texts = await Promise.all(
        records.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')),
      );
      return texts.flatMap((text) => keyOfRecord(text) ?? []);
    },
  };
}

/** Undefined for a record that was cut off while it was written: nothing had been made then. */
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
