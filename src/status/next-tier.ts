import { z } from 'zod';
import type { Desire } from '../workspaces/desired-state.ts';
import { isoTime, type PartStatus } from './part-status.ts';

/** What the passing of time alone will make of a workspace. */
export const nextTierSchema = z.object({
  state: z.enum(['suspended', 'stopped', 'deleted']),
  at: z.iso.datetime(),
});

export type NextTier = z.output<typeof nextTierSchema>;

/** From most to least awake. */
export const AWAKENESS: readonly PartStatus['state'][] = [
  'running',
  'suspended',
  'stopped',
  'incomplete',
  'unknown',
  'absent',
];

/** What a part is in a tier, at most. */
const TIER = { suspended: 'suspended', stopped: 'stopped', deleted: 'absent' } as const;

/** Null where it would change nothing in these parts; a part that there is not is null. Only the cluster is deleted. */
export function nextTier(
  { next }: Desire,
  { container, cluster }: { readonly container: PartStatus | null; readonly cluster: PartStatus | null },
): NextTier | null {
  if (next === undefined || next.state === 'as-is' || next.state === 'awake' || next.state === 'gone')
    return null;
  const { state, at } = next;
  const parts = state === 'deleted' ? [cluster] : [container, cluster];
  const changes = parts.some((part) => part !== null && isMoreAwake(part.state, TIER[state]));
  return changes ? { state, at: isoTime(at) } : null;
}

function isMoreAwake(state: PartStatus['state'], than: PartStatus['state']): boolean {
  return AWAKENESS.indexOf(state) < AWAKENESS.indexOf(than);
}
