import type { Stats } from 'node:fs';
import { isMissing } from '../../../errors/system-refusal.ts';
import type { Clock } from '../../../time/clock.ts';
import { wait } from '../../../time/wait.ts';

/** What was in an open file, and how the file was before and after that was read. */
export interface FileLook {
  readonly content: Buffer;
  readonly before: Stats;
  readonly after: Stats;
}

/** Editors empty a file and write it, or move it away and write another; ms. */
const WRITTEN_WITHIN = 200;
const BETWEEN_LOOKS = 250;
/** What is written all the time is taken as it is in the end. */
const MOST_LOOKS = 5;

/**
 * The content of a file that somebody may be writing: it is looked at again where it is missing, or was changed meanwhile or a moment
 * ago. Rejects with what the last look rejects with, at once where that is no missing file, and with the reason of `signal`.
 */
export async function settledContent(
  look: () => Promise<FileLook>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Buffer> {
  for (let looks = 1; ; looks += 1) {
    const isLast = looks === MOST_LOOKS;
    try {
      const found = await look();
      if (isLast || isSettled(found, clock.now())) return found.content;
    } catch (error) {
      if (isLast || !isMissing(error)) throw error;
    }
    await wait(BETWEEN_LOOKS, clock, signal);
    signal.throwIfAborted();
  }
}

function isSettled({ content, before, after }: FileLook, now: number): boolean {
  if (before.mtimeMs !== after.mtimeMs || content.length !== after.size) return false;
  const age = now - after.mtimeMs;
  // Below 0: the clock of a file server is ahead, so there is nothing to go by.
  return age < 0 || age >= WRITTEN_WITHIN;
}
