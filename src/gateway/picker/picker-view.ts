import type { LabName } from '../../names/lab-name.ts';
import type { Size } from './draw.ts';
import type { LabChoice } from './picker.ts';

/** How a picker ended, as far as what was typed decides. */
export type Decision = { readonly kind: 'chosen'; readonly lab: LabName } | { readonly kind: 'left' };

/** What a picker looks like and how it is worked, on one kind of terminal. It writes nothing itself. */
export interface PickerView {
  /** What is to be written so that the terminal shows how things are; empty: nothing. */
  draw(labs: readonly LabChoice[], size: Size): string;
  /** A byte that was typed; undefined: nothing is decided. */
  take(byte: number): Decision | undefined;
  /** What was typed so far can mean two things, as nobody knows what follows. */
  readonly undecided: boolean;
  /** Nothing followed. */
  settle(): Decision | undefined;
  /** What is to be written so that the terminal is clean for what comes next; it may be drawn again after that. */
  clear(size: Size): string;
}
