import { fork } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { FuzzReport } from './run.ts';

/** Who sends the streams: a client to the gateway's server, or a container's server to the gateway's client. */
type HostileSide = 'client' | 'server';

/** Several times what the longest turn took of CPU when it was measured, which may be more beside other work; ms. */
const LONGEST_TURN = 1_000;

/** After 100,000 streams as after 1,000: what is kept of each would show. One connection to a container that is kept costs 70 kB. */
const HEAP_GROWTH = 24 * 2 ** 20;

/** Of all streams, so many come to what they are for; well below what was measured. */
const LEAST: Readonly<Record<HostileSide, Readonly<Record<string, number>>>> = {
  // Of a quarter, which log in; of half, which are handshakes.
  client: { answered: 0.09, exchanges: 0.045, hybrids: 0.02 },
  // Of all; of a third, which are handshakes; while a bystander is served.
  server: { sent: 0.5, exchanges: 0.055, echoes: 0.01 },
};

/**
 * Sends `count` mutated streams to a gateway in a process of its own, first those of the corpus, and expects that they hurt
 * nobody. What a stream needs to be repeated is in the failure: put it into a file of the corpus.
 */
export async function expectUnharmed(
  side: HostileSide,
  count: number,
  seed: number,
  timeout: number,
): Promise<void> {
  const { failures, ...report } = await runStreams(side, count, seed, timeout);
  process.stdout.write(`seed ${seed}: ${JSON.stringify(report)}\n`);
  expect(failures).toEqual([]);
  expect(report).toMatchObject({ leftovers: [], afterwards: 'in' });
  expect(report.streams).toBeGreaterThanOrEqual(count);
  expect(report.heapGrowth).toBeLessThan(HEAP_GROWTH);
  expect(report.longestTurn).toBeLessThan(LONGEST_TURN);
  expectPlayed(side, report.played, count);
}

/** Else a stream that harms nobody may have been ended before it came to what it is for. */
function expectPlayed(side: HostileSide, played: FuzzReport['played'], count: number): void {
  for (const [what, share] of Object.entries(LEAST[side])) {
    expect(played[what], what).toBeGreaterThan(count * share);
  }
}

async function runStreams(
  side: HostileSide,
  count: number,
  seed: number,
  timeout: number,
): Promise<FuzzReport> {
  const { promise, resolve, reject } = Promise.withResolvers<FuzzReport>();
  let begun = 0;
  const child = fork(join(import.meta.dirname, 'run.ts'), [String(count), String(seed), side], {
    execArgv: ['--expose-gc'],
  });
  const failed = (how: string): void => {
    reject(new Error(`the gateway ${how} after stream ${begun} of seed ${seed}`));
  };
  const timer = setTimeout(() => failed(`had not done in ${timeout} ms`), timeout);
  child.on('message', (message: { readonly begun: number } | FuzzReport) => {
    if ('begun' in message) begun = message.begun;
    else resolve(message);
  });
  child.once('exit', (code, signal) => failed(`ended (${code ?? signal})`));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
