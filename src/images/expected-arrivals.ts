import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { withTag } from './image-name.ts';

/** An image that the set-up program is making at this moment, or could not make. `note` is for people who wait. */
export interface Arrival {
  readonly state: 'building' | 'failed';
  readonly note: string;
}

/** What the set-up program writes, as far as images go; it replaces the file atomically. */
const SETUP_FILE = z.object({
  pid: z.int().positive(),
  arriving: z.record(
    z.string(),
    z.object({ state: z.enum(['building', 'failed']), note: z.string().default('') }),
  ),
});

/** Says whether `image` is on its way; undefined where nobody is bringing it. Never throws: no file, nothing arrives. */
export async function expectedArrival(
  setupFile: string | undefined,
  image: string,
): Promise<Arrival | undefined> {
  if (setupFile === undefined) return undefined;
  const text = await readFile(setupFile, 'utf8').catch(() => '');
  const setup = SETUP_FILE.safeParse(jsonOrUndefined(text));
  if (!setup.success || !isAlive(setup.data.pid)) return undefined;
  const entry = Object.entries(setup.data.arriving).find(([name]) => withTag(name) === withTag(image));
  return entry?.[1];
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it lives, and belongs to somebody else.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
