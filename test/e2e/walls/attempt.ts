import type { Place } from './place.ts';
import type { Scene } from './scene.ts';

/** Where the words are typed, and what they are tried against. */
export interface Aim {
  readonly from: Place;
  /** One or more, each tried by itself. */
  readonly targets: (scene: Scene) => readonly string[] | Promise<readonly string[]>;
}

/**
 * One attempt on a wall: shell words that end with 0 where they get through. `control` is the same words where they have to
 * get through, on every target, so that words which can never work do not pass for a wall.
 */
export interface Attempt {
  readonly what: string;
  readonly words: (target: string) => string;
  readonly control: Aim;
  readonly at: Aim;
  readonly expected: Expected;
}

/**
 * `refused`: on every target, and where `saying` is given with an error like that. `butForMoments`: by the wall between bridges,
 * which Docker before 28 takes away for some ms whenever it makes a network (docs/security.md). `not prevented`: it gets through, which is
 * written in docs/security.md, and has to be taken out there when this changes.
 */
export type Expected =
  | { readonly kind: 'refused'; readonly saying?: RegExp; readonly butForMoments?: boolean }
  | { readonly kind: 'not prevented' };

export const REFUSED: Expected = { kind: 'refused' };
export const BETWEEN_BRIDGES: Expected = { kind: 'refused', butForMoments: true };
export const NOT_THERE: Expected = { kind: 'refused', saying: /no such file or directory/i };
export const NOT_PERMITTED: Expected = {
  kind: 'refused',
  saying: /not permitted|permission denied|read-only file system|must be superuser/i,
};
export const NOT_PREVENTED: Expected = { kind: 'not prevented' };

/** What the test of an attempt is called. */
export function titleOf({ what, at, expected }: Attempt): string {
  return `${expected.kind === 'refused' ? 'refused' : 'NOT PREVENTED'}: ${what}, from ${at.from}`;
}
