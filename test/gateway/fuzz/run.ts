import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayUnderTest, until } from '../gateway-under-test.ts';
import { BusyTime } from './busy-time.ts';
import { CLIENT_STREAMS } from './client-streams.ts';
import { readCorpus } from './corpus.ts';
import { serverStreams } from './inner/side.ts';
import type { Played } from './side.ts';
import { type Stream, type WrittenStream, written } from './stream.ts';

// Plays many streams against a gateway of this process, and sends how far it is and in the end a FuzzReport to whoever forked it.
// Arguments: how many streams, the seed, and who sends them: "client" or "server".

/** Connections at a time. */
const AT_ONCE = 16;

export interface FuzzReport {
  readonly streams: number;
  /** Of which kind: 'connect', 'userauth', 'session'. */
  readonly stages: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** What went wrong, each with the streams that were under way: one of them did it. */
  readonly failures: readonly { readonly error: string; readonly streams: readonly WrittenStream[] }[];
  /** After garbage collection, from when all was warm to the end; bytes. */
  readonly heapGrowth: number;
  readonly rss: { readonly warm: number; readonly end: number };
  /** The longest time in which the process did one thing and served nobody; ms of its CPU. */
  readonly longestTurn: number;
  /** What the streams left behind: "3 TCPSocketWrap". */
  readonly leftovers: readonly string[];
  /** Of {@link Played}. */
  readonly played: Readonly<Record<string, number>>;
  /** A student's login afterwards. */
  readonly afterwards: string;
}

const [count = 0, seed = 0] = process.argv.slice(2).map(Number);
const side = process.argv[4] === 'server' ? serverStreams() : CLIENT_STREAMS;
const failures: { error: string; streams: WrittenStream[] }[] = [];
const underWay = new Set<Stream>();
const stages: Record<string, number> = {};

function fail(error: unknown, streams: Iterable<Stream> = underWay): void {
  if (failures.length >= 20) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  failures.push({ error: text, streams: [...streams].map(written) });
}
process.on('uncaughtException', (error) => fail(error));
process.on('unhandledRejection', (error) => fail(error));
process.on('warning', (warning) => fail(warning));

// One with failures is long, and what is not yet sent when the channel is closed is lost.
process.send?.(await run(), undefined, undefined, () => process.disconnect?.());

async function run(): Promise<FuzzReport> {
  await using it = await GatewayUnderTest.start(side.setup);
  await using target = await side.start(it, AT_ONCE);
  const corpus = await readCorpus(side.corpus);
  const began = performance.now();

  // The kept ones twice, so that what is made once has been made.
  await playAll([...corpus, ...corpus].values(), target);
  const warmUp = Math.min(1_000, Math.ceil(count / 10));
  await playAll(streams(0, warmUp), target);
  using busy = new BusyTime();
  const warm = await settledMemory();
  const before = await resources(it);
  for (let from = warmUp; from < count; from += 1_000) {
    process.send?.({ begun: from });
    await playAll(streams(from, Math.min(count, from + 1_000)), target);
    forget(it);
  }
  const end = await settledMemory();
  const seconds = (performance.now() - began) / 1_000;
  const leftovers = await leftBehind(it, before);
  const afterwards = await lastLogin(it);
  return {
    streams: count + 2 * corpus.length,
    stages,
    seconds,
    failures,
    heapGrowth: end.heap - warm.heap,
    rss: { warm: warm.rss, end: end.rss },
    longestTurn: busy.longest,
    leftovers,
    played: target.report,
    afterwards,
  };
}

/** What the last student sees. Honest containers, too, have to be ready as soon as the hostile ones, so there are some tries. */
async function lastLogin(it: GatewayUnderTest): Promise<string> {
  let seen = '';
  for (let time = 0; time < 5 && seen !== 'in'; time++) {
    const { stdout, stderr } = await it.ssh(['alice@127.0.0.1', 'echo in']);
    seen = stdout + stderr;
  }
  return seen;
}

function* streams(from: number, to: number): Generator<Stream> {
  for (let index = from; index < to; index++) yield side.streamOf(seed, index);
}

async function playAll(all: Iterator<Stream>, target: Played): Promise<void> {
  const one = async (): Promise<void> => {
    for (let next = all.next(); !next.done; next = all.next()) {
      const stream = next.value;
      underWay.add(stream);
      stages[stream.stage] = (stages[stream.stage] ?? 0) + 1;
      await target.play(stream).catch((error: unknown) => fail(error, [stream]));
      underWay.delete(stream);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** The test's own notes, which are no leak of the gateway's. */
function forget({ workspaces, lookups, confirmed }: GatewayUnderTest): void {
  for (const notes of [workspaces.taken, workspaces.clients, workspaces.ends, lookups, confirmed])
    notes.splice(0);
}

async function resources({ workspaces }: GatewayUnderTest): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  counts.set('lease', workspaces.holders.size);
  counts.set('channel', workspaces.channels.size);
  counts.set('listener for notices', workspaces.noticeListeners.size);
  return counts;
}

/** What there is more of than before; what takes its time to go gets it. */
async function leftBehind(it: GatewayUnderTest, before: ReadonlyMap<string, number>): Promise<string[]> {
  const more = async () =>
    [...(await resources(it))].flatMap(([name, now]) => {
      const extra = now - (before.get(name) ?? 0);
      return extra > 0 ? [`${extra} ${name}`] : [];
    });
  await until(async () => (await more()).length === 0, 60_000).catch(() => {});
  return await more();
}

async function settledMemory(): Promise<{ heap: number; rss: number }> {
  // Sockets that were cut off have timers of up to 2 s.
  await sleep(2_500);
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await sleep(50);
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed + arrayBuffers, rss };
}
