import { asFactoryError } from '../errors/factory-error.ts';
import { problemOf } from '../http/problem.ts';
import { toMessage } from '../http/server-sent-events.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { PartName } from '../workspaces/ports/events.ts';
import type { ApiContext } from './api-context.ts';
import type { ClusterProgress } from './cluster-schema.ts';
import { describeCluster } from './describe-cluster.ts';
import { type GivenOrder, giveOrder } from './give-order.ts';
import { logUnlessRefusal } from './problem-answer.ts';

type Outcome = { readonly kind: 'done' | 'pending' } | { readonly kind: 'failed'; readonly thrown: unknown };

/**
 * Gives an order and tells what is done for it, as server-sent events: `progress` with each change of what a part is at, then
 * `ready`, `pending` or `failed`. A reader that is slow gets the newest, and not all that was.
 */
export async function* tellProgress(
  context: ApiContext,
  caller: Parameters<typeof giveOrder>[1],
  order: GivenOrder,
): AsyncGenerator<string> {
  let outcome: Outcome | undefined;
  let change = Promise.withResolvers<void>();
  const ended = giveOrder(context, caller, order).then(
    (kind) => ({ kind }) as const,
    (thrown: unknown) => {
      caller.cameToNothing(asFactoryError(thrown));
      return { kind: 'failed', thrown } as const;
    },
  );
  void ended.then((end) => {
    outcome = end;
    change.resolve();
  });
  using _changes = context.target.onChange(caller.key, () => change.resolve());
  const told = new Map<PartName, string>();
  while (outcome === undefined) {
    change = Promise.withResolvers<void>();
    for (const progress of progressOf(context, caller.key)) {
      const text = toMessage({ event: 'progress', data: progress });
      if (told.get(progress.part) !== text) yield text;
      told.set(progress.part, text);
    }
    if (outcome === undefined) await change.promise;
  }
  if (!order.gone.aborted) yield await lastMessage(context, caller.key, outcome);
}

function progressOf({ target }: ApiContext, key: WorkspaceKey): ClusterProgress[] {
  const { container, cluster } = target.snapshot(key) ?? {};
  return (
    [
      ['container', container],
      ['cluster', cluster],
    ] as const
  ).flatMap(([part, snapshot]) =>
    snapshot?.phase.kind === 'working'
      ? [{ part, action: snapshot.phase.action, step: snapshot.phase.step }]
      : [],
  );
}

async function lastMessage(context: ApiContext, key: WorkspaceKey, outcome: Outcome): Promise<string> {
  try {
    if (outcome.kind === 'failed') throw outcome.thrown;
    const event = outcome.kind === 'done' ? 'ready' : 'pending';
    return toMessage({ event, data: await describeCluster(context, key) });
  } catch (thrown) {
    const error = asFactoryError(thrown);
    logUnlessRefusal(context.logger, error);
    return toMessage({ event: 'failed', data: problemOf(error) });
  }
}
