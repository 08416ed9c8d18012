import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { isMissing } from '../errors/system-refusal.ts';
import type { Surroundings } from './surroundings.ts';

/** What the set-up program found or made, as far as it is known before the start. */
const setupSchema = z.object({
  /** The program k3d; a path. */
  k3d: z.string().min(1).optional(),
  images: z.object({ node: z.string().min(1), traefik: z.string().min(1) }).optional(),
  /** The images that k3d itself needs, where its own can't be had. */
  k3dImages: z.object({ tools: z.string().min(1), loadbalancer: z.string().min(1) }).optional(),
});

export type Setup = z.output<typeof setupSchema>;

export interface SetupReading {
  /** Where the file is or would be; absolute. */
  readonly file: string;
  readonly setup: Setup;
  /** Why the file that is there was ignored. */
  readonly ignored: string | undefined;
}

/** Reads the file that `FACTORY_SETUP` names, or the one in the cache folder. Never rejects: without it there are defaults. */
export async function readSetupFile(surroundings: Surroundings): Promise<SetupReading> {
  const { env, workingFolder } = surroundings;
  const file = resolve(workingFolder, env.FACTORY_SETUP || join(cacheFolder(surroundings), 'setup.json'));
  try {
    const text = await readFile(file, 'utf8');
    const parsed = setupSchema.safeParse(JSON.parse(text));
    if (parsed.success) return { file, setup: parsed.data, ignored: undefined };
    return { file, setup: {}, ignored: z.prettifyError(parsed.error) };
  } catch (error) {
    const missing = isMissing(error);
    const named = Boolean(env.FACTORY_SETUP);
    return { file, setup: {}, ignored: missing && !named ? undefined : String(error) };
  }
}

/** What set-up keeps for this person across checkouts; absolute. */
export function cacheFolder({
  env,
  home,
  workingFolder,
}: Pick<Surroundings, 'env' | 'home' | 'workingFolder'>): string {
  return resolve(workingFolder, env.XDG_CACHE_HOME || join(home, '.cache'), 'ssh-lab-factory');
}
