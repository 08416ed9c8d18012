import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { TokenFacts } from './claims.ts';
import { CLOCK_TOLERANCE, LONGEST_LIFETIME, LONGEST_OF_ALL } from './lifetimes.ts';

/** Which tokens are void: those issued until the moment at which it is said. */
export type Revocation =
  /** Those of the student of a workspace. */
  | { readonly kind: 'workspace'; readonly key: WorkspaceKey }
  /** Those of an instructor, an admin or a gateway of this name. */
  | { readonly kind: 'name'; readonly name: string }
  /** The one with this `jti`. */
  | { readonly kind: 'id'; readonly id: string };

/** What a revocation is of, as text. */
export function subjectOf(revocation: Revocation): string {
  switch (revocation.kind) {
    case 'workspace':
      return formatWorkspaceKey(revocation.key);
    case 'name':
      return revocation.name;
    case 'id':
      return revocation.id;
  }
}

/** The revocations that would make a token void. */
export function revocationsThatConcern({ principal, id }: TokenFacts): readonly Revocation[] {
  const owner: Revocation =
    principal.role === 'student'
      ? { kind: 'workspace', key: principal.key }
      : { kind: 'name', name: principal.name };
  return [owner, { kind: 'id', id }];
}

/** How long it is remembered: until the longest token that it can concern is over; ms. */
export function rememberedFor(kind: Revocation['kind']): number {
  return (kind === 'workspace' ? LONGEST_LIFETIME.student : LONGEST_OF_ALL) + 2 * CLOCK_TOLERANCE;
}
