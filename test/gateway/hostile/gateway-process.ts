import { connect } from 'node:net';
import { BusyTime } from '../fuzz/busy-time.ts';
import { GatewayUnderTest } from '../gateway-under-test.ts';

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
  /** The most there was since `begin`, beyond what there was then; bytes. */
  readonly grown: number;
  /** The longest time since `begin` in which it did one thing; ms of its processor time. */
  readonly longestTurn: number;
  /** What nobody caught. */
  readonly uncaught: readonly string[];
  /** Connections that hold a lease. */
  readonly holders: number;
  /** Sessions and forwards that are noted as open. */
  readonly channels: number;
}

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
let before = process.memoryUsage.rss();
let most = before;
setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss());
}, 25);

function obey(order: Order): unknown {
  switch (order.do) {
    case 'fall for': {
      const { socket } = order;
      it.workspaces.openSshd = async () =>
        socket === undefined ? it.sshd.open() : { stream: connect(socket), diagnostics: () => '' };
      return 'done';
    }
    case 'begin':
      global.gc?.();
      before = process.memoryUsage.rss();
      most = before;
      busy[Symbol.dispose]();
      busy = new BusyTime();
      return 'done';
    case 'report':
      return {
        grown: most - before,
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
