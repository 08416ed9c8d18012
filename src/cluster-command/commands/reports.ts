import { setTimeout as delay } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import type { ClusterLogs } from '../../api-client/cluster-api-client.ts';
import { eventLine } from '../../history/event-line.ts';
import { type AddCommand, type CommandContext, STATUS } from '../command-context.ts';

const MOST_LINES = 1_000;

/** Between the end of one answer and the next question; ms. */
const PAUSE = 1_000;

export const addLogsCommand: AddCommand = (program, carry) => {
  program
    .command('logs')
    .description('the last lines that the nodes wrote, and those of the last start that failed')
    .option('-n, --lines <count>', 'of each', parseCount, 50)
    .action(({ lines }: { readonly lines: number }) =>
      carry(async ({ api, io }) => {
        for (const block of logBlocks(await api.logs(lines, io.signal))) io.print(block);
        return STATUS.ok;
      }),
    );
};

export const addEventsCommand: AddCommand = (program, carry) => {
  program
    .command('events')
    .description('what happened to your workspace, and why')
    .option('-n, --lines <count>', 'the last so many', parseCount, 20)
    .option('-f, --follow', 'go on as they come, until you press Ctrl-C')
    .action(({ lines, follow = false }: { readonly lines: number; readonly follow?: boolean }) =>
      carry((context) => tellEvents(context, lines, follow)),
    );
};

async function tellEvents(
  { api, io, clock }: CommandContext,
  lines: number,
  follow: boolean,
): Promise<number> {
  let last: number | undefined;
  do {
    const from = last === undefined ? { limit: lines } : { after: last };
    // An answer that follows ends with its token, which is short-lived; the next one goes on where it ended.
    for await (const event of api.events({ ...from, follow }, io.signal)) {
      io.print(eventLine(event, clock.now(), (_, text) => text));
      last = event.id ?? last;
    }
    if (follow) await delay(PAUSE, undefined, { signal: io.signal });
  } while (follow);
  return STATUS.ok;
}

function* logBlocks({ nodes, last_failure: failure }: ClusterLogs): Generator<string> {
  if (nodes.length === 0 && failure === null) yield 'There is nothing yet.';
  for (const { name, state, lines } of nodes) yield [`==> ${name} (${state}) <==`, ...lines].join('\n');
  if (failure !== null) {
    yield [`==> the last creation or start that failed, ${failure.at} <==`, ...failure.lines].join('\n');
  }
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,4}$/.test(text) && count > 0 && count <= MOST_LINES) return count;
  throw new InvalidArgumentError(`It is a number from 1 to ${MOST_LINES}.`);
}
