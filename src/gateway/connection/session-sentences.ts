import type { Lifecycle } from '../../labs/lab-definition.ts';
import { inWords } from '../../words/time-span.ts';
import type { SessionLimit, SessionNotice } from '../../workspaces/workspace-access.ts';
import { type Destination, sshCommand } from '../inner/inner-advice.ts';

const STAYS = 'Everything stays as it is; connect again at any time.';

export interface SentenceContext {
  readonly lifecycle: Pick<Lifecycle, 'idleDisconnect' | 'maxSession'>;
  readonly limit: SessionLimit | undefined;
  readonly destination: Destination;
  /** ms since the epoch. */
  readonly now: number;
}

/** What a notice says to the person in the session. */
export function noticeSentence(notice: SessionNotice, context: SentenceContext): string {
  if (notice.kind === 'over') return `${overBecause(notice.because, context)} ${STAYS}`;
  const left = inWords(notice.at - context.now);
  if (notice.because === 'idle') {
    return `Nothing was typed here for long, so this session ends in ${left}. Press a key to stay.`;
  }
  return `This session ends in ${left}, as long as the lab lets it last. ${extension(context) ?? STAYS}`;
}

function overBecause(
  because: Extract<SessionNotice, { kind: 'over' }>['because'],
  { lifecycle }: SentenceContext,
): string {
  switch (because) {
    case 'idle':
      return `This session ends now: nothing came from you for ${inWords(lifecycle.idleDisconnect ?? 0)}.`;
    case 'max_session':
      return 'This session ends now: it has lasted as long as the lab lets it.';
    case 'operator':
      return 'This session is ended by the operator of the lab.';
  }
}

function extension({ limit, destination }: SentenceContext): string | undefined {
  if (limit === undefined || limit.left === 0) return undefined;
  const most = inWords(limit.left);
  return `It may be made longer, by ${most} at most: ${sshCommand(destination, '@extend')}`;
}
