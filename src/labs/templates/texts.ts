import type { Path } from '../../config/yaml-document.ts';

/** More than any lab needs: what aliases unfold to must end somewhere. */
const MOST_VALUES = 20_000;
const DEEPEST = 32;

/**
 * A copy of a tree of plain values, each text in it replaced by what `render` makes of it; undefined leaves it out. The keys and the shape
 * stay as they are. Throws a `RangeError` where the tree is too big or never ends.
 */
export function mapTexts(tree: unknown, render: (text: string, path: Path) => string | undefined): unknown {
  let count = 0;
  const copy = (value: unknown, path: Path): unknown => {
    count += 1;
    if (count > MOST_VALUES || path.length > DEEPEST) throw new RangeError('too many values');
    if (typeof value === 'string') return render(value, path);
    if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, copy(item, [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  };
  return copy(tree, []);
}
