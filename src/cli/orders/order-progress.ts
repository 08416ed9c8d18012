import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '../../control/control-client.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { underWay, workspaceIn } from './order-text.ts';

/** Between two looks, ms. */
const LOOK_EVERY = 500;
const ANSWER_LIMIT = 35_000;
const CLEAR_LINE = '\r\x1b[K';

/**
 * Shows on one line of the terminal what is done to these workspaces, until it is disposed; `waiting`: those that are not done
 * yet. Does nothing where standard error is no terminal.
 */
export function showProgress(
  client: Pick<ControlClient, 'status'>,
  waiting: ReadonlySet<WorkspaceKey>,
): AsyncDisposable {
  const output = process.stderr;
  if (!output.isTTY) return { [Symbol.asyncDispose]: async () => {} };
  const done = new AbortController();
  const follow = async (): Promise<void> => {
    while (!done.signal.aborted) {
      const limit = AbortSignal.any([done.signal, AbortSignal.timeout(ANSWER_LIMIT)]);
      // What is wrong with the factory is told by the order itself.
      const status = await client.status(limit).catch(() => undefined);
      if (status !== undefined && !done.signal.aborted) {
        const texts = [...waiting].map((key) => {
          const doing = underWay(workspaceIn(status, key), Date.now());
          return doing && `${formatWorkspaceKey(key)}: ${doing}`;
        });
        output.write(
          `${CLEAR_LINE}${texts
            .filter(Boolean)
            .join('; ')
            .slice(0, output.columns - 1)}`,
        );
      }
      await delay(LOOK_EVERY, undefined, { signal: done.signal }).catch(() => undefined);
    }
  };
  const followed = follow();
  return {
    async [Symbol.asyncDispose]() {
      done.abort();
      await followed;
      output.write(CLEAR_LINE);
    },
  };
}
