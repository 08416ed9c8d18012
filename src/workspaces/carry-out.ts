import { FactoryError } from '../errors/factory-error.ts';
import type { Clock } from '../time/clock.ts';
import { counted } from '../words/amounts.ts';
import type { ClusterOrder, Order } from './desired-state.ts';
import type { PartReconciler } from './parts/part-reconciler.ts';
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
    case 'cluster_start':
      return await startCluster(controller, cause, clock, signal);
    case 'cluster_suspend':
    case 'cluster_stop':
    case 'cluster_delete':
      return await takeClusterDown(controller, { state: CLUSTER_DOWN[command.kind], cause }, signal);
    case 'node_stop':
    case 'node_start':
      return await controller.changeNode(command, signal);
  }
}

/** Throws `WORKSPACE_IN_USE` where somebody is there who may stay, and `LAB_WITHOUT_CLUSTER`. */
export function assertMayBeCarriedOut(controller: WorkspaceController, command: WorkspaceCommand): void {
  if (isOfCluster(command)) controller.assertCluster();
  const { size } = controller.leases;
  if (!('endSessions' in command) || command.endSessions || size === 0) return;
  throw inUse(`There ${size === 1 ? 'is' : 'are'} ${counted(size, 'session')} in it.`);
}

const CLUSTER_DOWN = {
  cluster_suspend: 'suspended',
  cluster_stop: 'stopped',
  cluster_delete: 'absent',
} as const satisfies Record<string, ClusterOrder['state']>;

/** Where nobody is, all of the workspace is woken: its cluster is of use to nobody without it. */
async function startCluster(
  controller: WorkspaceController,
  cause: Cause,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  if (controller.leases.size > 0) controller.giveCluster(undefined);
  else controller.give({ state: 'awake', until: clock.now() + WAKE_LIMIT, cause });
  await controller.clusterReady(signal);
}

async function takeClusterDown(
  controller: WorkspaceController,
  order: ClusterOrder,
  signal: AbortSignal,
): Promise<void> {
  controller.giveCluster(order);
  const isOver = (): boolean => controller.cluster.settledDown;
  const failed = (): FactoryError | undefined =>
    controller.clusterOrder === order
      ? undefined
      : inUse('Somebody came in, or wants the cluster, meanwhile.');
  await until(controller, [controller.cluster], { isOver, failed }, signal);
}

function isOfCluster(command: WorkspaceCommand): boolean {
  switch (command.kind) {
    case 'cluster_start':
    case 'cluster_suspend':
    case 'cluster_stop':
    case 'cluster_delete':
    case 'node_stop':
    case 'node_start':
      return true;
    case 'reset':
      return command.part === 'cluster';
    default:
      return false;
  }
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
  const failed = (): FactoryError | undefined =>
    order === undefined || controller.order === order ? undefined : inUse('Somebody came in meanwhile.');
  const end = { isOver: () => isOver(controller, order), failed };
  await until(controller, [controller.container, controller.cluster], end, signal);
}

/** Resolves when it is over; rejects with the error of a step of these parts that fails meanwhile, and with what `failed` tells. */
async function until(
  controller: WorkspaceController,
  parts: readonly PartReconciler[],
  end: { isOver(): boolean; failed(): FactoryError | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const olderFailures = new Set(failuresOf(parts));
  const look = (): void => {
    if (end.isOver()) {
      resolve();
      return;
    }
    const failure = end.failed() ?? failuresOf(parts).find((error) => !olderFailures.has(error));
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

function failuresOf(parts: readonly PartReconciler[]): FactoryError[] {
  return parts.flatMap(({ phase }) => (phase.kind === 'failed' ? [phase.error] : []));
}

function inUse(why: string): FactoryError {
  return new FactoryError('WORKSPACE_IN_USE', `The workspace is in use. ${why}`);
}
