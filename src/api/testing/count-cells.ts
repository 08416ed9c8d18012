import { readFile } from 'node:fs/promises';

/** In the words of docs/security.md: "6 cells: 2 allowed, 4 unauthorised". */
export function countCells(cells: readonly { readonly expected: string }[]): string {
  const kinds = Map.groupBy(cells, ({ expected }) => expected);
  return `${cells.length} cells: ${[...kinds].map(([kind, of]) => `${of.length} ${kind}`).join(', ')}`;
}

/** docs/security.md, which has these lines. */
export function securityPage(): Promise<string> {
  return readFile(new URL('../../../docs/security.md', import.meta.url), 'utf8');
}
