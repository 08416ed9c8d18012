import { FactoryError } from '../errors/factory-error.ts';
import type { Clock } from '../time/clock.ts';
import { counted } from '../words/amounts.ts';
import type { Order } from './desired-state.ts';
import type { Cause } from './ports/events.ts';
import type { WorkspaceCommand } from './workspace-command.ts';
import type { WorkspaceController } from './workspace-controller.ts';

/** How long an order to wake is tried before it is given up, if nobody comes; ms. */
const WAKE_LIMIT = 15 * 60_000;

type SleepCommand = Extract<WorkspaceCommand, { endSessions: boolean }>;

/**
 * Carries out a command on a workspace. Resolves when what it asks for is so. Rejects with `WORKSPACE_IN_USE`,
 * `LAB_WITHOUT_CLUSTER`, the error of a step that fails (the order stays in force all the same), or when `signal` aborts.
 */
export async function carryOut(
  controller: WorkspaceController,
  command: WorkspaceCommand,
  by: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const cause: Cause = { kind: 'command', command: command.kind, by };
  switch (command.kind) {
    case 'suspend':
    case 'stop':
    case 'delete':
      return await putToSleep(controller, command, cause, signal);
    case 'start':
      controller.give({ state: 'awake', until: clock.now() + WAKE_LIMIT, cause });
      return await controller.awake(signal);
    case 'reset':
      controller.startReset(command.part, by);
      return await settled(controller, undefined, signal);
    case 'pin':
      return controller.pin({ until: command.until, by });
    case 'unpin':
      return controller.pin(undefined);
  }
}

/** Throws `WORKSPACE_IN_USE` where somebody is there who may stay. */
export function assertMayBeCarriedOut(controller: WorkspaceController, command: WorkspaceCommand): void {
  const { size } = controller.leases;
  if (!('endSessions' in command) || command.endSessions || size === 0) return;
  throw inUse(`There ${size === 1 ? 'is' : 'are'} ${counted(size, 'session')} in it.`);
}

async function putToSleep(
  controller: WorkspaceController,
  command: SleepCommand,
  cause: Cause,
  signal: AbortSignal,
): Promise<void> {
  const order = orderOf(command, cause);
  controller.give(order);
  for (const lease of [...controller.leases]) lease.notify({ kind: 'over', because: 'operator' });
  await settled(controller, order, signal);
}

function orderOf(command: SleepCommand, cause: Cause): Order {
  switch (command.kind) {
    case 'suspend':
      return { state: 'suspended', cause };
    case 'stop':
      return { state: 'stopped', cause };
    case 'delete':
      return { state: 'gone', home: command.home, cause };
  }
}

/** Resolves when both parts are where they should be; `order`: as long as that holds. */
async function settled(
  controller: WorkspaceController,
  order: Order | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const olderFailures = new Set(failuresOf(controller));
  const look = (): void => {
    if (isOver(controller, order)) resolve();
    else if (order !== undefined && controller.order !== order) reject(inUse('Somebody came in meanwhile.'));
    const failure = failuresOf(controller).find((error) => !olderFailures.has(error));
    if (failure !== undefined) reject(failure);
  };
  const aborted = (): void => reject(signal.reason);
  using _changes = controller.onPhaseChange(look);
  signal.addEventListener('abort', aborted, { once: true });
  look();
  if (signal.aborted) aborted();
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', aborted);
  }
}

/** What was to be deleted is gone when its order is, with what it left behind. */
function isOver(controller: WorkspaceController, order: Order | undefined): boolean {
  if (!controller.settledDown) return false;
  if (order?.state === 'gone') return controller.order === undefined && !controller.exists;
  return controller.leases.size === 0 || order === undefined;
}

function failuresOf({ container, cluster }: WorkspaceController): FactoryError[] {
  return [container.phase, cluster.phase].flatMap((phase) => (phase.kind === 'failed' ? [phase.error] : []));
}

function inUse(why: string): FactoryError {
  return new FactoryError('WORKSPACE_IN_USE', `The workspace is in use. ${why}`);
}
