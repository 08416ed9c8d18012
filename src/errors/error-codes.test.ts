import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from './error-codes.ts';

/** A row of the table in docs/errors.md: code, who mends it, what it means, what to do. */
interface Row {
  readonly code: string;
  readonly mendedBy: string;
  readonly meaning: string;
  readonly remedy: string;
}

const ROW = /^\| `(?<code>[A-Z0-9_]+)` \| (?<mendedBy>\w+) \|(?<meaning>[^|]*)\|(?<remedy>[^|]*)\|$/gm;

async function documentedRows(): Promise<readonly Row[]> {
  const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  return [...page.matchAll(ROW)].map(({ groups = {} }) => ({
    code: groups.code ?? '',
    mendedBy: groups.mendedBy ?? '',
    meaning: groups.meaning?.trim() ?? '',
    remedy: groups.remedy?.trim() ?? '',
  }));
}

describe('docs/errors.md', () => {
  test('lists every code once and in the order of the source, with who mends it', async () => {
    const documented = (await documentedRows()).map(({ code, mendedBy }) => [code, mendedBy]);
    expect(documented).toEqual(Object.entries(ERROR_CODES));
  });

  test('says of every code what it means and what to do', async () => {
    const bare = (await documentedRows()).filter(({ meaning, remedy }) => meaning === '' || remedy === '');
    expect(bare).toEqual([]);
  });
});
