import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ControlClient } from '../../control/control-client.ts';
import type { FactoryStatus } from '../../control/status-schema.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import { openLiveScreen } from './live-screen.ts';
import { statusText } from './status-text.ts';

/** What was last heard of the factory: its status, or why there is none. */
type Report =
  | { readonly kind: 'status'; readonly status: FactoryStatus }
  | { readonly kind: 'silent'; readonly because: string };

export interface StatusWatch {
  readonly client: Pick<ControlClient, 'status'>;
  /** Between two looks, ms. */
  readonly every: number;
  readonly json: boolean;
  readonly say: (text: string) => void;
}

/** Ages are redrawn so often on a terminal, ms. */
const REDRAW = 1_000;
/** As much as the factory itself gives its answer. */
const ANSWER_LIMIT = 35_000;
const SEPARATOR = '─'.repeat(60);

/**
 * Shows the status again and again until `stop` aborts or the person leaves, also while the factory is restarted. Resolves then.
 * On a terminal: the whole screen. Elsewhere the text each time, or with `json` a line whenever something has changed.
 */
export async function watchStatus(watch: StatusWatch, stop: AbortSignal): Promise<void> {
  if (process.stdout.isTTY && !watch.json) return onScreen(watch, stop);
  let last: unknown;
  for await (const report of reports(watch, stop)) {
    if (!watch.json) {
      watch.say(last === undefined ? asText(report) : `${SEPARATOR}\n${asText(report)}`);
      last = report;
      continue;
    }
    const now = asJson(report);
    if (!isDeepStrictEqual(settled(now), last)) watch.say(JSON.stringify(now));
    last = settled(now);
  }
}

async function onScreen(watch: StatusWatch, stop: AbortSignal): Promise<void> {
  using screen = openLiveScreen(process.stdout, process.stdin);
  let shown: Report | undefined;
  const draw = (): void => {
    if (shown !== undefined) screen.draw(`${asText(shown)}\n\nq ends this`);
  };
  const redraw = setInterval(draw, REDRAW);
  process.stdout.on('resize', draw);
  try {
    for await (const report of reports(watch, AbortSignal.any([stop, screen.left]))) {
      shown = report;
      draw();
    }
  } finally {
    clearInterval(redraw);
    process.stdout.off('resize', draw);
  }
}

/** Rejects with what no restart of the factory mends. */
async function* reports({ client, every }: StatusWatch, stop: AbortSignal): AsyncGenerator<Report> {
  while (!stop.aborted) {
    const report = await look(client, stop);
    if (report !== undefined) yield report;
    await delay(every, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** Undefined: told to stop meanwhile. */
async function look(client: StatusWatch['client'], stop: AbortSignal): Promise<Report | undefined> {
  try {
    const limit = AbortSignal.any([stop, AbortSignal.timeout(ANSWER_LIMIT)]);
    return { kind: 'status', status: await client.status(limit) };
  } catch (thrown) {
    if (stop.aborted) return undefined;
    if (thrown instanceof FactoryError && thrown.code === 'NOT_RUNNING') {
      return { kind: 'silent', because: 'The factory does not run; waiting for it.' };
    }
    // A factory that ends cuts its answers off.
    if (thrown instanceof FactoryError && thrown.code === 'CONTROL_FAILED') {
      return { kind: 'silent', because: thrown.message };
    }
    if (thrown instanceof Error && thrown.name === 'TimeoutError') {
      return { kind: 'silent', because: 'The factory runs and does not answer; waiting for it.' };
    }
    throw thrown;
  }
}

function asText(report: Report): string {
  return report.kind === 'status' ? statusText(report.status, Date.now()) : report.because;
}

function asJson(report: Report): Record<string, unknown> {
  return report.kind === 'status' ? { running: true, ...report.status } : { running: false };
}

/** Without what is another number each time and no news. */
function settled(document: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(document, (key, value) => (key === 'memory_bytes' ? undefined : value)));
}
