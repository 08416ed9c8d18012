import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../harness/set-up.ts';

/** What happens to a workspace; the columns of the table in docs/what-survives.md. */
export const EVENTS = ['suspend', 'stop', 'power cut', '`@reset`'] as const;
export type Event = (typeof EVENTS)[number];
export type Verdict = 'kept' | 'gone';

export interface Row {
  readonly thing: string;
  readonly verdicts: Readonly<Record<Event, Verdict>>;
}

/** The rows of the table. Throws where a cell is neither "kept" nor "gone". */
export async function documentedRows(): Promise<readonly Row[]> {
  const page = await readFile(join(PROJECT, 'docs/what-survives.md'), 'utf8');
  const [heading, , ...rows] = page.split('\n').filter((line) => line.startsWith('|'));
  const columns = cells(heading ?? '').slice(1);
  if (columns.join() !== EVENTS.join()) throw new Error(`the columns are ${columns.join(', ')}`);
  return rows.map((line) => {
    const [thing = '', ...words] = cells(line);
    const [suspend, stop, cut, reset] = words.map(verdict);
    if (!suspend || !stop || !cut || !reset) throw new Error(`a cell is missing: ${line}`);
    return { thing, verdicts: { suspend, stop, 'power cut': cut, '`@reset`': reset } };
  });
}

function cells(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim());
}

function verdict(cell: string): Verdict {
  if (cell === 'kept' || cell === 'gone') return cell;
  throw new Error(`neither "kept" nor "gone": ${cell}`);
}
