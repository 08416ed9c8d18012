import { inWords } from '../words/time-span.ts';
import type { LifecycleNews } from '../workspaces/workspace-access.ts';

/** Of a deletion that is further away nobody needs to think at every login; ms. */
const WITHIN_REASON = 90 * 24 * 3_600_000;

/** What a student is told of the lab's lifecycle as a shell begins: a sentence each. */
export function loginNews({ deletedAt, deletedAfter }: LifecycleNews): readonly string[] {
  const news: string[] = [];
  if (deletedAt !== undefined) {
    const day = new Date(deletedAt).toISOString().slice(0, 10);
    news.push(
      `Nobody used this lab for long, so its cluster was deleted on ${day}; a new one is being made. Your home is as it was.`,
    );
  }
  if (deletedAfter !== undefined && deletedAfter <= WITHIN_REASON) {
    news.push(
      `If nobody comes for ${inWords(deletedAfter)} after you leave, the cluster of this lab is deleted; your home stays.`,
    );
  }
  return news;
}
