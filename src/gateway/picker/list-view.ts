import { isDeepStrictEqual } from 'node:util';
import { erase, type Frame, frameOf, pageOf, redraw, type Size } from './draw.ts';
import { type Key, KeyReader } from './keys.ts';
import { type LabChoice, press } from './picker.ts';
import type { Decision, PickerView } from './picker-view.ts';

/** A list that is drawn in place, with one row selected. */
export class ListView implements PickerView {
  readonly #keys = new KeyReader();
  #labs: readonly LabChoice[];
  #selected = 0;
  #page = 1;
  #shown: { readonly frame: Frame; readonly columns: number } | undefined;

  /** @param labs at least one; what they are called never changes */
  constructor(labs: readonly LabChoice[]) {
    this.#labs = labs;
  }

  get undecided(): boolean {
    return this.#keys.undecided;
  }

  draw(labs: readonly LabChoice[], size: Size): string {
    this.#labs = labs;
    this.#page = pageOf(size);
    const next = { frame: frameOf(labs, this.#selected, size), columns: size.columns };
    if (isDeepStrictEqual(next, this.#shown)) return '';
    const text = redraw(this.#shown?.frame, next.frame, size.columns);
    this.#shown = next;
    return text;
  }

  take(byte: number): Decision | undefined {
    return this.#press(this.#keys.take(byte));
  }

  settle(): Decision | undefined {
    return this.#press(this.#keys.settle());
  }

  clear({ columns }: Size): string {
    const text = erase(this.#shown?.frame, columns);
    this.#shown = undefined;
    return text;
  }

  #press(key: Key | undefined): Decision | undefined {
    if (key === undefined) return undefined;
    const names = this.#labs.map(({ name }) => name);
    const step = press(key, this.#selected, names, this.#page);
    if (step.kind === 'left') return step;
    this.#selected = step.selected;
    const lab = names[step.selected];
    return step.kind === 'chosen' && lab !== undefined ? { kind: 'chosen', lab } : undefined;
  }
}
