import type { Phase } from '../workspaces/workspace-access.ts';

/** Below so many columns the offer is short. */
const ROOM_FOR_WORDS = 56;

const SPINNER = ['|', '/', '-', '\\'] as const;

/** What one line shows of a workspace. */
export interface Status {
  readonly container: Phase;
  readonly cluster: Phase;
  /** The prompt could come now; only the cluster is waited for. */
  readonly promptPossible: boolean;
}

/**
 * One line of at most `columns` - 1 characters, so that no terminal wraps it. `frame` counts up. Where room is short the
 * report is cut before the offer: who does not know of the Enter key waits for nothing.
 */
export function statusLine(status: Status, now: number, frame: number, columns: number): string {
  const parts = [describe('container', status.container, now), describe('cluster', status.cluster, now)];
  const doing = parts.filter((part) => part !== undefined).join('; ');
  const spinner = SPINNER[frame % SPINNER.length] ?? '|';
  const room = Math.max(1, columns - 1);
  const offer = status.promptPossible
    ? room < ROOM_FOR_WORDS
      ? '; Enter: prompt'
      : '; press Enter for the prompt now'
    : '';
  const report = truncate(
    `${spinner} ${doing === '' ? 'Getting your lab ready' : doing}`,
    Math.max(4, room - offer.length),
  );
  return truncate(`${report}${offer}`, room);
}

/** "cluster: starting the node (12 s)"; undefined where nothing is being done. */
export function describe(part: string, phase: Phase, now: number): string | undefined {
  if (phase.kind !== 'working') return undefined;
  const seconds = Math.max(0, Math.floor((now - phase.since) / 1000));
  return `${part}: ${phase.step === '' ? phase.action : phase.step} (${seconds} s)`;
}

function truncate(line: string, columns: number): string {
  // Steps come from Docker and k3d; a control character would move the cursor.
  const plain = [...line.replace(/\p{Cc}/gu, ' ')];
  if (plain.length <= columns) return plain.join('');
  return columns <= 3 ? plain.slice(0, columns).join('') : `${plain.slice(0, columns - 3).join('')}...`;
}
