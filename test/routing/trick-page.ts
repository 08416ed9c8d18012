import type { Trick, TrickTable } from './trick.ts';

const MARK =
  '<!-- The tables are made from the tests: npx vitest run --project rooms test/routing/tricks.test.ts -u -->';

/** The page with its tables, which come after the mark, made anew. */
export function trickPage(page: string, tables: readonly TrickTable[]): string {
  const at = page.indexOf(MARK);
  if (at < 0) throw new Error(`docs/routing-tricks.md has lost its line ${MARK}`);
  return `${page.slice(0, at)}${MARK}\n${tables.map(section).join('')}`;
}

function section({ title, about, tricks }: TrickTable): string {
  const head = '| sent | answers | because |\n| --- | --- | --- |\n';
  return `\n## ${title}\n\n${about}\n\n${head}${tricks.map(row).join('')}`;
}

function row({ sends, answers, because = '' }: Trick): string {
  return `| ${sends.replaceAll('|', '\\|')} | ${answers.join(', ')} | ${because} |\n`;
}
