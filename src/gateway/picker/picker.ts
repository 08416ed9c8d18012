import type { LabName } from '../../names/lab-name.ts';
import type { WorkspaceGlance } from '../../workspaces/workspace-access.ts';
import type { Key } from './keys.ts';

/** A lab that may be chosen. */
export interface LabChoice {
  readonly name: LabName;
  readonly description: string;
  readonly state: WorkspaceGlance;
}

/** What a key leads to. `selected`: the place of the row that Enter would take. */
export type Step =
  | { readonly kind: 'choosing'; readonly selected: number }
  | { readonly kind: 'chosen'; readonly selected: number }
  | { readonly kind: 'left' };

/**
 * The picker after a key. A digit only goes to its row: an Enter too much costs nothing, a lab that was not meant is woken up. The
 * letters j, k and q are keys of their own; every other letter goes on to the next lab that begins with it.
 *
 * @param names at least one
 * @param page rows that are shown at a time
 */
export function press(key: Key, selected: number, names: readonly LabName[], page: number): Step {
  switch (key.kind) {
    case 'enter':
      return { kind: 'chosen', selected };
    case 'leave':
      return { kind: 'left' };
    case 'move':
      return choosing(moved(key.to, selected, names.length, page), names);
    case 'character':
      return typed(key.character.toLowerCase(), selected, names);
  }
}

function typed(character: string, selected: number, names: readonly LabName[]): Step {
  if (character === 'q') return { kind: 'left' };
  if (character === 'j') return choosing(selected + 1, names);
  if (character === 'k') return choosing(selected - 1, names);
  if (/[1-9]/.test(character)) {
    const row = Number(character) - 1;
    return { kind: 'choosing', selected: row < names.length ? row : selected };
  }
  return { kind: 'choosing', selected: nextWith(character, selected, names) };
}

function moved(
  to: Extract<Key, { kind: 'move' }>['to'],
  selected: number,
  rows: number,
  page: number,
): number {
  switch (to) {
    case 'up':
      return selected - 1;
    case 'down':
      return selected + 1;
    case 'page_up':
      return selected - page;
    case 'page_down':
      return selected + page;
    case 'first':
      return 0;
    case 'last':
      return rows - 1;
  }
}

function choosing(selected: number, names: readonly LabName[]): Step {
  return { kind: 'choosing', selected: Math.min(Math.max(0, selected), names.length - 1) };
}

/** The next below, or else from the top. */
function nextWith(begin: string, selected: number, names: readonly LabName[]): number {
  const fits = names.flatMap((name, row) => (name.startsWith(begin) ? [row] : []));
  return fits.find((row) => row > selected) ?? fits[0] ?? selected;
}
