import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../api-client/cluster-api-client.ts';
import type { CommandContext } from './command-context.ts';

/** How often the cluster is looked at; ms. */
export const LOOK_EVERY = 1_000;

/** What is being done with the cluster, as a line; undefined: nothing. */
export function stepLine({ doing, state }: Pick<Cluster, 'doing' | 'state'>): string | undefined {
  return doing === null ? undefined : `cluster: ${doing.step || state}`;
}

/** Calls `print` with each line that is another than the one before. */
export function eachNew(print: (line: string) => void): (line: string | undefined) => void {
  let last: string | undefined;
  return (line) => {
    if (line !== undefined && line !== last) print(line);
    last = line;
  };
}

/** Tells what is being done with the cluster until `work` is done. */
export async function tellingSteps<T>(context: CommandContext, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const signal = AbortSignal.any([context.io.signal, done.signal]);
  // Whether the work succeeds is not for who looks on to say.
  const telling = tellSteps(context, signal).catch(() => {});
  try {
    return await work;
  } finally {
    done.abort();
    await telling;
  }
}

async function tellSteps({ api, io }: CommandContext, signal: AbortSignal): Promise<never> {
  const tell = eachNew((line) => io.note(line));
  for (;;) {
    tell(stepLine(await api.status(signal)));
    await delay(LOOK_EVERY, undefined, { signal });
  }
}
