import { styleText } from 'node:util';
import type { FoundWorkspace } from '../../composition/offline/found-workspaces.ts';
import type {
  ConfigurationStatus,
  FactoryStatus,
  PartStatus,
  WorkspaceStatus,
} from '../../control/status-schema.ts';
import { counted } from '../../words/amounts.ts';
import { textTable } from '../../words/text-table.ts';
import { inWords } from '../../words/time-span.ts';
import { closedOutLines } from './closed-out-text.ts';
import { sessionsCell, sessionText } from './session-text.ts';

const HEAD = ['WORKSPACE', 'STATE', 'FOR', 'SESSIONS', 'CLUSTER', 'MEMORY', 'ROUTE'];

/** `now`: ms since the epoch. Coloured where standard output takes colours. */
export function statusText(status: FactoryStatus, now: number): string {
  const { version, pid, since, ssh, web, configuration, workspaces, sessions, drain } = status;
  const doing =
    drain === null
      ? 'takes sessions'
      : styleText(
          'yellow',
          `is drained: no new sessions, and who is there is ended in ${until(drain.until, now)}`,
        );
  const rows = textTable([HEAD, ...workspaces.map((workspace) => cells(workspace, now))]);
  const [head = '', ...lines] = rows;
  return [
    `factory ${version}, process ${pid}, up for ${age(since, now)}, ${doing}`,
    ...configurationLines(configuration, now),
    `ssh ${ssh}, web ${web}; ${counted(sessions, 'session')} in ${counted(workspaces.length, 'workspace')}`,
    ...hooksLines(status.hooks),
    ...closedOutLines(status.closed_out, now),
    '',
    styleText('bold', head),
    ...workspaces.flatMap((workspace, index) => [
      coloured(workspace, lines[index] ?? ''),
      ...details(workspace, now),
    ]),
  ].join('\n');
}

/** Nothing where the files are in force as they are. */
function configurationLines({ problem, needs_restart: keys }: ConfigurationStatus, now: number): string[] {
  const lines: string[] = [];
  if (problem !== null) {
    const heading = `the configuration has a mistake for ${age(problem.since, now)}; the groups are as they were before:`;
    lines.push(...[heading, ...problem.message.split('\n').map((line) => `  ${line}`)].map(inRed));
  }
  if (keys.length > 0) {
    lines.push(
      styleText('yellow', `changed in the configuration, and waiting for a restart: ${keys.join(', ')}`),
    );
  }
  return lines;
}

function inRed(line: string): string {
  return styleText('red', line);
}

/** Nothing where all is delivered, or being. */
function hooksLines(hooks: FactoryStatus['hooks']): string[] {
  if (hooks === null) return [styleText('red', 'the file of the hooks can not be read; see the log')];
  const { waiting, given_up: givenUp } = hooks;
  if (waiting + givenUp === 0) return [];
  return [styleText('yellow', `${counted(waiting, 'hook')} waiting, ${givenUp} given up: factory hooks`)];
}

/** What Docker has while no factory runs. */
export function foundText(found: readonly FoundWorkspace[]): string {
  if (found.length === 0) return 'There are no workspaces.';
  const rows = found.map(({ key, container, nodes }) => [
    `${key.user}/${key.lab}`,
    container ?? '–',
    nodes.join(', ') || '–',
  ]);
  return textTable([['WORKSPACE', 'CONTAINER', 'NODES'], ...rows]).join('\n');
}

function cells(workspace: WorkspaceStatus, now: number): string[] {
  const { user, lab, state, since, longer, sessions, cluster, memory_bytes: memory, route } = workspace;
  return [
    `${user}/${lab}`,
    state,
    `${longer ? '>' : ''}${age(since, now)}`,
    sessionsCell(sessions),
    cluster === null ? '–' : (cluster.doing?.what ?? cluster.state),
    memory === null ? '?' : `${Math.round(memory / 2 ** 20)} MiB`,
    routeText(route),
  ];
}

function routeText(route: WorkspaceStatus['route']): string {
  if (route === null) return '–';
  return route.state === 'awake' ? route.url : 'asleep';
}

/** Lines below a workspace's own. */
function details(workspace: WorkspaceStatus, now: number): string[] {
  const { sessions, container, cluster, lab_defined: labDefined } = workspace;
  const lines = sessions.map((session) => sessionText(session, now));
  lines.push(...aheadLines(workspace, now));
  if (!labDefined) lines.push('its lab is no longer defined');
  lines.push(...partLines('container', container, now));
  if (cluster !== null) lines.push(...partLines('cluster', cluster, now));
  return lines.map((line) => `  ${line}`);
}

/** What will become of it, and who wanted it otherwise. */
function aheadLines(workspace: WorkspaceStatus, now: number): string[] {
  const { next, pin, order, cluster_order: clusterOrder, delete_at: deleteAt } = workspace;
  const lines: string[] = [];
  if (pin !== null) lines.push(`kept awake for ${until(pin.until, now)} more, by ${pin.by}`);
  if (order !== null) lines.push(`${ORDERED[order]} until somebody comes`);
  if (clusterOrder !== null) lines.push(`cluster ${ORDERED[clusterOrder.order]} by ${clusterOrder.by}`);
  if (next !== null && next.state !== 'deleted') lines.push(`${next.state} in ${until(next.at, now)}`);
  if (deleteAt !== null) lines.push(`cluster deleted in ${until(deleteAt, now)} if nobody comes`);
  return lines;
}

const ORDERED = { suspend: 'suspended', stop: 'stopped', delete: 'deleted' } as const;

function partLines(name: string, { doing, error }: PartStatus, now: number): string[] {
  const lines: string[] = [];
  if (doing !== null && (doing.step !== '' || doing.pace !== 'usual')) {
    lines.push(`${name}: ${doing.step || doing.what}, for ${age(doing.since, now)}${paceText(doing, now)}`);
  }
  if (error !== null) {
    lines.push(`${name}: ${error.message} (error ${error.id}; again in ${until(error.retry_at, now)})`);
  }
  return lines;
}

function paceText({ pace, overdue_at: at }: NonNullable<PartStatus['doing']>, now: number): string {
  if (pace === 'usual' || at === null) return '';
  const text =
    pace === 'slow' ? `slow; given up in ${until(at, now)}` : `overdue by ${age(at, now)}; being given up`;
  return `, ${styleText('yellow', text)}`;
}

function coloured({ state }: WorkspaceStatus, line: string): string {
  if (state === 'failed' || state === 'incomplete') return styleText('red', line);
  if (state === 'running') return styleText('green', line);
  return line;
}

function age(time: string, now: number): string {
  return inWords(now - Date.parse(time));
}

function until(time: string, now: number): string {
  return inWords(Date.parse(time) - now);
}
