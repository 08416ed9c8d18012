import { asFactoryError } from '../errors/factory-error.ts';
import { isRefusal } from '../http/problem.ts';
import { logFailure } from '../logging/log-failure.ts';
import { formatWorkspaceKey } from '../names/workspace-key.ts';
import type { ClusterCommand } from '../workspaces/workspace-command.ts';
import type { ApiContext, Caller } from './api-context.ts';
import { LONGEST_WAIT } from './endpoints.ts';
import { whoIs } from './open-calls.ts';

/** For a look at the identity sources; ms. */
const ADMISSION_LIMIT = 20_000;

export interface GivenOrder {
  readonly command: ClusterCommand;
  /** How long it is waited for, ms; 0: only whether it can be taken. */
  readonly wait: number;
  /** Aborts when nobody waits any more. */
  readonly gone: AbortSignal;
}

/**
 * Has the workspace's controller carry out a command. `pending`: it is not so yet, and the wait is over or nobody waits any more; the
 * order stays in force. Rejects as `ClusterApiTarget.admit` and `Workspaces.command` do.
 */
export async function giveOrder(
  { target, calls, logger }: ApiContext,
  { key, principal }: Caller & { readonly key: NonNullable<Caller['key']> },
  { command, wait, gone }: GivenOrder,
): Promise<'done' | 'pending'> {
  const by = whoIs(principal);
  const fields = { workspace: formatWorkspaceKey(key), command, by, role: principal.role };
  await target.admit(key, command, AbortSignal.timeout(ADMISSION_LIMIT));
  logger.info(fields, 'an order by the HTTP API');
  const waiting = new AbortController();
  // One who is gone ends the wait for an order; what is done to a node is the request's own work, and is done to its end.
  const isOwnWork = command.kind === 'node_stop' || command.kind === 'node_start';
  const signal = isOwnWork ? AbortSignal.timeout(LONGEST_WAIT) : waiting.signal;
  const call = isOwnWork ? calls.begin(principal) : undefined;
  const given = target.command(key, command, by, signal).finally(() => call?.[Symbol.dispose]());
  const over = Promise.withResolvers<'pending'>();
  const end = () => over.resolve('pending');
  const timer = setTimeout(end, wait);
  gone.addEventListener('abort', end, { once: true });
  if (gone.aborted) end();
  try {
    return await Promise.race([given.then(() => 'done' as const), over.promise]);
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', end);
    // Of an order that fails later its workspace tells; of other work nobody would hear.
    given.catch((thrown: unknown) => {
      const error = asFactoryError(thrown);
      if (isOwnWork && !isRefusal(error)) logFailure(logger, error, fields);
    });
    waiting.abort(new Error('nobody waits for it any more'));
  }
}
