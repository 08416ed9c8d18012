import type { Table } from './report.ts';

/** The tables all of whose scenarios are among `wanted`. */
export function wholeTables<Each extends { readonly table: Table }>(
  all: readonly Each[],
  wanted: readonly Each[],
): ReadonlySet<Table> {
  const missing = new Set(all.filter((each) => !wanted.includes(each)).map(({ table }) => table));
  return new Set(wanted.map(({ table }) => table).filter((table) => !missing.has(table)));
}
