import { z } from 'zod';
import {
  type ClusterBlueprint,
  clusterBlueprintSchema,
  nodeName,
} from '../clusters/k3d/recovery/cluster-blueprint.ts';
import { named } from '../config/values.ts';
import { FactoryError } from '../errors/factory-error.ts';
import { parseInstanceId } from '../names/instance-id.ts';
import { parseLabName } from '../names/lab-name.ts';
import { parseUsername } from '../names/username.ts';
import { archiveSumSchema } from './archive-file.ts';
import { type NodePart, nodeParts } from './node-parts.ts';

/** Raised when an older factory could not read what a newer one writes. */
const FORMAT = 1;

export const HOME_ARCHIVE = 'home.tar.zst';

/**
 * `backup.json`: what a backup of one workspace holds. A backup comes from outside, so nothing in it is taken for more
 * than this allows: no path, no name in Docker, no mount, no privilege can be asked for.
 */
const manifestSchema = z
  .strictObject({
    format: z.literal(FORMAT),
    user: named(parseUsername, 'not a user name'),
    lab: named(parseLabName, 'not a lab name'),
    /** Of the factory that it was made by: the cluster's names and certificates are made from it. */
    instance: named(parseInstanceId, 'not an instance id'),
    made_at: z.iso.datetime(),
    home: z.boolean(),
    cluster: clusterBlueprintSchema.optional(),
    /** By file name. */
    archives: z.record(z.string(), archiveSumSchema),
  })
  .refine(({ home, cluster, archives }) => {
    const possible = archivesOf({ home, cluster });
    return Object.keys(archives).every((name) => possible.includes(name));
  }, 'lists an archive that such a backup does not have')
  .refine(({ home, archives }) => !home || HOME_ARCHIVE in archives, 'has no archive of the home')
  .refine(
    ({ cluster, archives }) =>
      cluster === undefined || cluster.nodes.every((node) => nodeArchive(node, 'k3s') in archives),
    'has no archive of a node',
  );

export type BackupManifest = z.output<typeof manifestSchema>;

/** Rejects what is not a manifest, with the first reasons in `detail`. */
export function parseManifest(text: string): BackupManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidManifest('not JSON', cause);
  }
  const format = z.looseObject({ format: z.int() }).safeParse(value).data?.format;
  if (format !== undefined && format > FORMAT) {
    throw new FactoryError(
      'BACKUP_INVALID',
      `The backup has format ${format} and this factory reads format ${FORMAT}; restore it with a newer factory.`,
    );
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidManifest(z.prettifyError(parsed.error), parsed.error);
}

export function formatManifest(manifest: Omit<BackupManifest, 'format'>): string {
  return `${JSON.stringify({ format: FORMAT, ...manifest }, undefined, 2)}\n`;
}

export function nodeArchive(node: Parameters<typeof nodeName>[0], part: NodePart): string {
  return `${nodeName(node)}.${part}.tar.zst`;
}

/** The names of all archives that a backup can have. */
function archivesOf(manifest: {
  readonly home: boolean;
  readonly cluster?: ClusterBlueprint | undefined;
}): readonly string[] {
  return [
    ...(manifest.home ? [HOME_ARCHIVE] : []),
    ...(manifest.cluster?.nodes ?? []).flatMap((node) => nodeParts.map((part) => nodeArchive(node, part))),
  ];
}

function invalidManifest(detail: string, cause: unknown): FactoryError {
  return new FactoryError(
    'BACKUP_INVALID',
    'The backup.json of the backup is not one that this factory wrote; nothing was restored from it.',
    { detail, cause },
  );
}
