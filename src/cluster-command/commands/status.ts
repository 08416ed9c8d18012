import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../api-client/cluster-api-client.ts';
import { type AddCommand, type CommandContext, STATUS } from '../command-context.ts';
import { statusText } from '../status-text.ts';
import { eachNew, LOOK_EVERY, stepLine } from '../steps.ts';

interface StatusOptions {
  readonly wait?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export const addStatusCommand: AddCommand = (program, carry, name) => {
  program
    .command('status')
    .description('how the cluster is')
    .option('--wait', 'come back when it is ready, or when nothing makes it so')
    .option('--watch', 'go on, at each change, until you press Ctrl-C')
    .option('--json', 'for scripts; with --watch a line at each change')
    .addHelpText(
      'after',
      `
Exit status: 0 the cluster is ready; 1 it failed; 3 it is asleep or not ready yet.

Example:
  ${name} status --wait && kubectl get nodes`,
    )
    .action((options: StatusOptions) => carry((context) => status(context, options)));
};

async function status(
  context: CommandContext,
  { wait, watch, json = false }: StatusOptions,
): Promise<number> {
  if (watch) return await watchStatus(context, json);
  const { api, io } = context;
  const found = wait ? await waitForIt(context) : await api.status(io.signal);
  tell(found, context, json);
  return exitStatus(found);
}

function tell(found: Cluster, { io, clock }: CommandContext, json: boolean): void {
  io.print(json ? JSON.stringify(found) : statusText(found, clock.now(), io.name));
}

/** Of use, or nothing is on the way to make it so. */
async function waitForIt({ api, io }: CommandContext): Promise<Cluster> {
  const tellStep = eachNew((line) => io.note(line));
  for (;;) {
    const found = await api.status(io.signal);
    if (found.ready || found.order !== null || found.error !== null) return found;
    tellStep(stepLine(found));
    await delay(LOOK_EVERY, undefined, { signal: io.signal });
  }
}

/** Goes on until the signal aborts, which rejects. */
async function watchStatus(context: CommandContext, json: boolean): Promise<never> {
  const { api, io } = context;
  let last = '';
  for (;;) {
    const found = await api.status(io.signal);
    const now = essence(found);
    if (now !== last) tell(found, context, json);
    last = now;
    await delay(LOOK_EVERY, undefined, { signal: io.signal });
  }
}

/** What a reader would call a change: no times, and no amounts. */
function essence({ state, ready, doing, error, order, nodes }: Cluster): string {
  const seen = nodes?.map((node) => [node.name, node.state, node.ready]);
  return JSON.stringify([state, ready, doing?.step, error?.id, order, seen]);
}

function exitStatus({ ready, error }: Cluster): number {
  if (ready) return STATUS.ok;
  return error === null ? STATUS.notReady : STATUS.failed;
}
