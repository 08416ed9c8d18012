const MARK =
  '<!-- The table is made from the tests: npx vitest run --project e2e test/e2e/clients/clients.test.ts -u -->';

/** What came of one ability with one client. */
export type Outcome = 'works' | 'fails' | 'has it not';

const CELLS: Readonly<Record<Outcome, string>> = { works: 'yes', fails: '**no**', 'has it not': '–' };

/** The page with its table, which comes after the mark, made anew. */
export function clientsPage(
  page: string,
  clients: readonly string[],
  rows: readonly { readonly title: string; readonly outcomes: readonly Outcome[] }[],
): string {
  const at = page.indexOf(MARK);
  if (at < 0) throw new Error(`docs/clients.md has lost its line ${MARK}`);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const head = line(['', ...clients]) + line(['', ...clients].map(() => '---'));
  const body = rows.map(({ title, outcomes }) => line([title, ...outcomes.map((outcome) => CELLS[outcome])]));
  return `${page.slice(0, at)}${MARK}\n\n${head}${body.join('')}`;
}
