import { styleText } from 'node:util';
import { fileForPeople } from '../../config/problem.ts';
import type { Place, Setting, WhoReport } from '../../who/who-schema.ts';
import { textTable } from '../../words/text-table.ts';

/** Coloured where standard output takes colours. `workingFolder`: what the files are told relative to. */
export function whoText(report: WhoReport, workingFolder: string): string {
  const { user, login, groups, labs } = report;
  const name = (place: Place) => `${fileForPeople(place.file, workingFolder)}:${place.line}`;
  return [
    styleText(['bold', login.outcome === 'refused' ? 'red' : 'green'], user),
    login.text,
    '',
    ...textTable(identityRows(report)),
    '',
    ...(groups.length === 0 ? ['In no group.'] : textTable(groupRows(report, name)).map(headFirst)),
    ...labs.flatMap((lab) => ['', ...labLines(lab, name)]),
  ].join('\n');
}

type Name = (place: Place) => string;

function identityRows({ source, keys, account, role }: WhoReport): string[][] {
  return [
    ['source', source.name ?? 'none knows the name'],
    ...(source.state === 'unavailable' ? [['', 'does not answer now']] : []),
    ...keys.map(({ type, fingerprint }, index) => [index === 0 ? 'keys' : '', `${type} ${fingerprint}`]),
    ...accountRows(account),
    ['role', role],
  ];
}

function accountRows(account: WhoReport['account']): string[][] {
  if (account === null) return [];
  const { source, id, since, refused } = account;
  return [
    [
      'account',
      id === null
        ? `of ${source}, and what is remembered of it can not be read`
        : `${id} of ${source}, since ${since}`,
    ],
    ...(refused === null
      ? []
      : [['', `the name came back as ${refused.id} on ${refused.since}, which is refused`]]),
  ];
}

function groupRows({ groups }: WhoReport, name: Name): string[][] {
  const rows = groups.map((group) => [
    group.name,
    group.role,
    group.through
      .map(({ by, place }) => `${THROUGH[by]}${place === null ? '' : ` (${name(place)})`}`)
      .join(', '),
  ]);
  return [['GROUP', 'ROLE', 'THROUGH'], ...rows];
}

const THROUGH = { name: 'named', everybody: '"*"', roster: 'roster' } as const;

function labLines(lab: WhoReport['labs'][number], name: Name): string[] {
  const heading =
    styleText('bold', `lab ${lab.name}`) + (lab.is_default ? ', where a login without a lab goes' : '');
  if (lab.problem !== null) return [heading, `  ${styleText('red', lab.problem)}`];
  const rows = lab.settings.map((setting) => [
    setting.key,
    oneLine(setting.value),
    originText(setting, name),
  ]);
  return [heading, ...textTable(rows).map((line, index) => `  ${coloured(line, lab.settings[index]?.from)}`)];
}

function originText({ from, group, place }: Setting, name: Name): string {
  const written = place === null ? '' : name(place);
  if (from === 'default') return 'default';
  return from === 'group' ? `group "${group ?? ''}" ${written}`.trimEnd() : written;
}

/** What a group changed is why somebody looks. */
function coloured(line: string, from: Setting['from'] | undefined): string {
  if (from === 'group') return styleText('yellow', line);
  return from === 'default' ? styleText('gray', line) : line;
}

/** A variable may hold anything, and terminals obey much. */
function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function headFirst(line: string, index: number): string {
  return index === 0 ? styleText('bold', line) : line;
}
