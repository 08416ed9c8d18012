import { z } from 'zod';

/*
 * What belongs to no workspace any more: the answers of `GET /garbage` and `DELETE /garbage`, and what `factory gc --json`
 * prints.
 */

const KINDS = [
  'container',
  'network',
  'volume',
  'home',
  'cluster',
  'record',
  'route',
  'state',
  'terminal',
] as const;

export const garbageItemSchema = z.object({ kind: z.enum(KINDS), name: z.string() });

const orphanSchema = garbageItemSchema.extend({
  /** "alice/k3s", where it was one's. */
  workspace: z.string().nullable(),
  why: z.string(),
  /** What goes with it. */
  parts: z.array(z.string()),
});

export const garbageSchema = z.object({ orphans: z.array(orphanSchema) });

/** What shall go: of what was listed before. What has come to be of use since stays. */
export const collectionRequestSchema = z.strictObject({
  items: z.array(garbageItemSchema.strict()).max(10_000),
});

export const collectionSchema = z.object({
  removed: z.array(orphanSchema),
  failed: z.array(orphanSchema.extend({ reason: z.string() })),
});

export type GarbageItem = z.output<typeof garbageItemSchema>;
export type OrphanStatus = z.output<typeof orphanSchema>;
export type Garbage = z.output<typeof garbageSchema>;
export type Collection = z.output<typeof collectionSchema>;

/** Finds and removes what belongs to no workspace any more. Rejects with what Docker fails with. */
export interface GarbageCollector {
  list(signal: AbortSignal): Promise<Garbage>;
  /** Those of `items` that are orphans now. */
  collect(items: readonly GarbageItem[], signal: AbortSignal): Promise<Collection>;
}
