import type { SessionLimit } from '../workspace-access.ts';
import type { HeldLease } from './held-lease.ts';

/** Of several sessions together: the first end, and what all of them may be put off by; undefined: none has an end. */
export function sharedLimit(leases: Iterable<Pick<HeldLease, 'ownLimit'>>): SessionLimit | undefined {
  const limits = [...leases].flatMap(({ ownLimit }) => ownLimit ?? []);
  if (limits.length === 0) return undefined;
  return {
    endsAt: Math.min(...limits.map(({ endsAt }) => endsAt)),
    left: Math.min(...limits.map(({ left }) => left)),
  };
}
