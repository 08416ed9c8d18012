import type { FactoryStatus, PartStatus, WorkspaceStatus } from '../../control/status-schema.ts';
import type { OrderBody } from '../../control/workspace-request.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { inWords } from '../../words/time-span.ts';
import { sessionText } from '../status/session-text.ts';

/** An order as the command line has it: who gives it comes later. */
export type Order = DistributiveOmit<OrderBody, 'by'>;
type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** The workspace as the status has it; undefined where there is nothing of it any more. */
export function workspaceIn(
  { workspaces }: Pick<FactoryStatus, 'workspaces'>,
  { user, lab }: WorkspaceKey,
): WorkspaceStatus | undefined {
  return workspaces.find((one) => one.user === user && one.lab === lab);
}

/** What is now so. `now`: ms since the epoch. */
export function closingLine(
  key: WorkspaceKey,
  order: Order,
  after: WorkspaceStatus | undefined,
  now: number,
): string {
  const name = formatWorkspaceKey(key);
  const state = after?.state ?? 'absent';
  switch (order.kind) {
    case 'suspend':
    case 'stop':
      return `${name} is ${state}; its next session wakes it.`;
    case 'start':
      return `${name} is ${state}${aheadText(after, now)}.`;
    case 'reset':
      return order.part === 'container'
        ? `${renewed(name, 'container', after?.container)}; its home is as it was.`
        : `${renewed(name, 'cluster', after?.cluster)}; the state of the old one is kept aside.`;
    case 'delete':
      return order.home
        ? `Container, cluster and home of ${name} are gone.`
        : `Container and cluster of ${name} are gone; its home stays, and the next session makes the rest anew.`;
    case 'pin':
      return `${name} is kept awake${after?.pin ? ` until ${localTime(after.pin.until)}, for ${inWords(Date.parse(after.pin.until) - now)}` : ''}.`;
    case 'unpin':
      return `${name} is not kept awake any more; it is ${state}${aheadText(after, now)}.`;
  }
}

/** Where nobody is there the old one goes, and the new one is made for the next session. */
function renewed(name: string, part: string, status: PartStatus | null | undefined): string {
  return status === undefined || status === null || status.state === 'absent'
    ? `The old ${part} of ${name} is gone, and its next session gets a new one`
    : `${name} has a new ${part}`;
}

/** What the workspace is at, for who waits; empty where nothing is under way. */
export function underWay(status: WorkspaceStatus | undefined, now: number): string {
  if (status === undefined) return '';
  return [
    partText('container', status.container, now),
    ...(status.cluster === null ? [] : [partText('cluster', status.cluster, now)]),
  ]
    .filter(Boolean)
    .join(', ');
}

/** Who is there, a line each. */
export function whoIsThere(status: WorkspaceStatus | undefined, now: number): string | undefined {
  if (status === undefined || status.sessions.length === 0) return undefined;
  return status.sessions.map((session) => `  ${sessionText(session, now)}`).join('\n');
}

function partText(name: string, { doing, error }: WorkspaceStatus['container'], now: number): string {
  if (error !== null) return `${name}: ${error.message} (error ${error.id})`;
  if (doing === null) return '';
  return `${name} ${doing.step || doing.what}, ${inWords(now - Date.parse(doing.since))}`;
}

function aheadText(status: WorkspaceStatus | undefined, now: number): string {
  if (!status?.next || status.next.state === 'deleted') return '';
  return `; without a session it is ${status.next.state} in ${inWords(Date.parse(status.next.at) - now)}`;
}

/** "2026-11-29 18:00" in this machine's time zone. */
function localTime(iso: string): string {
  const time = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
