import { connect } from 'node:net';
import { BusyTime } from '../fuzz/busy-time.ts';
import { GatewayUnderTest } from '../gateway-under-test.ts';
import { Growth } from './growth.ts';

/** What the parent tells this process, and each is answered. */
export type Order =
  | { readonly do: 'fall for'; readonly socket: string | undefined }
  | { readonly do: 'begin' }
  | { readonly do: 'report' };

export interface Started {
  readonly folder: string;
  readonly port: string;
}

export interface Report {
  /** The most memory there was since `begin`, beyond what there was then, garbage included; bytes. */
  readonly grown: number;
  /** What there was of JavaScript with its buffers that was no garbage, in the end and whenever there was much; bytes. */
  readonly held: number;
  /** The longest time since `begin` in which it did one thing; ms of its processor time. */
  readonly longestTurn: number;
  /** What nobody caught. */
  readonly uncaught: readonly string[];
  /** Connections that hold a lease. */
  readonly holders: number;
  /** Sessions and forwards that are noted as open. */
  readonly channels: number;
}

/** Not more than that may all be in use; bytes. */
const MUCH = 150_000_000;

/** Garbage collection takes its time; ms. */
const SELDOM = 250;

/** A gateway in a process of its own, so that its memory and its time are its own. */
const it = await GatewayUnderTest.start({
  // Long enough for an honest answer on a busy machine.
  limits: { innerReady: 4_000, innerAnswer: 4_000, innerRekey: 4_000 },
});
const uncaught: string[] = [];
const note = (error: unknown): void =>
  void uncaught.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
process.on('uncaughtException', note);
process.on('unhandledRejection', note);

let busy = new BusyTime();
let grown = new Growth(() => process.memoryUsage.rss());
let held = new Growth(heldNow);
let lookedAt = 0;
setInterval(() => {
  if (grown.look() < MUCH || performance.now() - lookedAt < SELDOM) return;
  held.look();
  lookedAt = performance.now();
}, 25);

function heldNow(): number {
  global.gc?.();
  // Buffers are given back beside it; the next one waits for that.
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function obey(order: Order): unknown {
  switch (order.do) {
    case 'fall for': {
      const { socket } = order;
      it.workspaces.openSshd = async () =>
        socket === undefined ? it.sshd.open() : { stream: connect(socket), diagnostics: () => '' };
      return 'done';
    }
    case 'begin':
      held = new Growth(heldNow);
      grown = new Growth(() => process.memoryUsage.rss());
      busy[Symbol.dispose]();
      busy = new BusyTime();
      return 'done';
    case 'report':
      return {
        grown: grown.look(),
        held: held.look(),
        longestTurn: busy.longest,
        uncaught,
        holders: it.workspaces.holders.size,
        channels: it.workspaces.channels.size,
      } satisfies Report;
  }
}

process.on('message', (order: Order) => process.send?.(obey(order)));
process.on('disconnect', () => void it[Symbol.asyncDispose]().finally(() => process.exit()));
process.send?.({ folder: it.folder, port: it.port } satisfies Started);
