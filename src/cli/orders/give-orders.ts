import { type ControlClient, createControlClient } from '../../control/control-client.ts';
import { controlSocket } from '../../control/control-socket.ts';
import type { WorkspaceStatus } from '../../control/status-schema.ts';
import { asFactoryError, FactoryError } from '../../errors/factory-error.ts';
import { formatWorkspaceKey, parseWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { CommandLine } from '../command-line.ts';
import { findDataFolder } from '../find-data-folder.ts';
import { interruptedOrder, lateOrder } from './order-options.ts';
import { showProgress } from './order-progress.ts';
import { closingLine, type Order, whoIsThere, workspaceIn } from './order-text.ts';

export interface OrderOptions {
  readonly config?: string;
  readonly json?: boolean;
  /** How long to wait for what is ordered, ms. */
  readonly timeout: number;
}

/** Which workspaces: these, or all that the order would change. */
export type Targets = readonly WorkspaceKey[] | 'all';

interface Outcome {
  readonly key: WorkspaceKey;
  readonly state: WorkspaceStatus['state'] | undefined;
  readonly line: string;
  readonly error: FactoryError | undefined;
}

/** Orders that wait at the same time: suspends are quick, and starts are heavy for the machine. */
const AT_ONCE = 4;
const ANSWER_LIMIT = 35_000;

/**
 * Gives an order to each of `targets` and waits until it is so. Says of each what is now so, or why it is not. Rejects with the
 * error of the only one; of several the failures are said and the status of the program is 1.
 */
export async function giveOrders(
  order: Order,
  targets: Targets,
  options: OrderOptions,
  line: CommandLine,
): Promise<void> {
  const data = await findDataFolder(options.config, line.surroundings);
  await using client = createControlClient(controlSocket(data));
  const keys = targets === 'all' ? await affectedBy(order, client, line.stop) : targets;
  const outcomes = await giveEach(order, keys, client, options, line);
  const { say, complain } = line.surroundings;
  if (options.json) say(JSON.stringify({ results: outcomes.map((one) => asJson(order, one)) }));
  else if (keys.length === 0) say('No workspace is so awake that there is anything to do.');
  const failed = outcomes.flatMap(({ key, error }) => (error === undefined ? [] : [{ key, error }]));
  const [first] = failed;
  if (first === undefined) return;
  if (keys.length === 1) throw first.error;
  for (const { key, error } of failed) {
    complain(`${formatWorkspaceKey(key)}: ${error.message}`);
    if (error.detail !== undefined) complain(error.detail);
  }
  line.exitWith(1);
}

async function giveEach(
  order: Order,
  keys: readonly WorkspaceKey[],
  client: ControlClient,
  options: OrderOptions,
  { surroundings, stop }: CommandLine,
): Promise<readonly Outcome[]> {
  const { say, login } = surroundings;
  const waiting = new Set<WorkspaceKey>();
  const outcomes = new Map<WorkspaceKey, Outcome>();
  const left = [...keys];
  const worker = async (): Promise<void> => {
    for (let key = left.shift(); key !== undefined; key = left.shift()) {
      waiting.add(key);
      outcomes.set(key, await giveOne(order, key, login || 'operator', client, options.timeout, stop));
      waiting.delete(key);
    }
  };
  {
    await using _progress = showProgress(client, waiting);
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
  const inOrder = keys.flatMap((key) => outcomes.get(key) ?? []);
  if (!options.json) for (const { error, line } of inOrder) if (error === undefined) say(line);
  return inOrder;
}

async function giveOne(
  order: Order,
  key: WorkspaceKey,
  by: string,
  client: ControlClient,
  timeout: number,
  stop: AbortSignal,
): Promise<Outcome> {
  const deadline = AbortSignal.timeout(timeout);
  let error: FactoryError | undefined;
  try {
    await client.order(key, { ...order, by }, AbortSignal.any([stop, deadline]));
  } catch (thrown) {
    if (stop.aborted) error = interruptedOrder();
    else error = deadline.aborted ? lateOrder(timeout, 'factory status') : asFactoryError(thrown);
  }
  if (stop.aborted) return { key, state: undefined, line: '', error };
  const status = await client.status(AbortSignal.timeout(ANSWER_LIMIT)).catch(() => undefined);
  const after = status && workspaceIn(status, key);
  const now = Date.now();
  if (error?.code === 'WORKSPACE_IN_USE') error = withPeople(error, whoIsThere(after, now));
  return { key, state: after?.state, line: closingLine(key, order, after, now), error };
}

function withPeople(error: FactoryError, people: string | undefined): FactoryError {
  if (people === undefined) return error;
  return new FactoryError(error.code, error.message, { id: error.id, detail: people });
}

const ASLEEP = {
  suspend: ['suspended', 'stopped', 'absent'],
  stop: ['stopped', 'absent'],
} as const satisfies Partial<Record<Order['kind'], readonly WorkspaceStatus['state'][]>>;

async function affectedBy(
  { kind }: Order,
  client: ControlClient,
  stop: AbortSignal,
): Promise<readonly WorkspaceKey[]> {
  const done: readonly string[] = kind === 'suspend' || kind === 'stop' ? ASLEEP[kind] : [];
  const { workspaces } = await client.status(stop);
  return workspaces
    .filter(({ container, cluster }) =>
      [container, cluster].some((part) => part && !done.includes(part.state)),
    )
    .flatMap(({ user, lab }) => parseWorkspaceKey(user, lab) ?? []);
}

function asJson(order: Order, { key, state, error }: Outcome): object {
  return {
    workspace: formatWorkspaceKey(key),
    command: order.kind,
    ok: error === undefined,
    state: state ?? null,
    error: error === undefined ? null : { code: error.code, id: error.id, message: error.message },
  };
}
