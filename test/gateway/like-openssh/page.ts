import type { Behaviour, BehaviourTable } from './behaviour.ts';

const MARK =
  '<!-- The lists are made from the tests: npx vitest run --project light-rooms test/gateway/like-openssh.test.ts -u -->';

/** docs/ssh.md with its lists, which come after the mark, made anew. */
export function sshPage(page: string, tables: readonly BehaviourTable[]): string {
  const at = page.indexOf(MARK);
  if (at < 0) throw new Error(`docs/ssh.md has lost its line ${MARK}`);
  return `${page.slice(0, at)}${MARK}\n\n## What is as with OpenSSH\n${tables.map(section).join('')}${differences(tables)}`;
}

function section({ title, behaviours }: BehaviourTable): string {
  const same = behaviours.filter(({ differs }) => differs === undefined);
  return `\n### ${title}\n\n${same.map(({ does }) => `- ${does}\n`).join('')}`;
}

function differences(tables: readonly BehaviourTable[]): string {
  const rows = tables.flatMap(({ behaviours }) => behaviours.flatMap(difference)).join('');
  return `\n## What is not\n\n| what | because |\n| --- | --- |\n${rows}`;
}

function difference({ does, differs }: Behaviour): string[] {
  return differs === undefined ? [] : [`| ${does} | ${differs.because} |\n`];
}
