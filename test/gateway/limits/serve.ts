import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { GatewayLimits } from '../../../src/gateway/gateway-limits.ts';
import { GatewayUnderTest } from '../gateway-under-test.ts';

// A gateway in a process of its own, so that its memory can be measured: see gateway-process.ts.

/** The path of an SSH server that stands in the place of the container's, `measure`, or `begin`: the same, and from then on is a new peak. */
export type Order = 'measure' | 'begin' | { readonly sshd: string };

/** The answer to each message. */
export interface Measured {
  /** The most there was since the last `begin`, and what is there now after garbage collection; bytes. */
  readonly peak: number;
  readonly rss: number;
  /** Of JavaScript, buffers included: what the gateway keeps now; bytes. */
  readonly held: number;
  /** Leases. */
  readonly holders: number;
}

const limits: Partial<GatewayLimits> = JSON.parse(process.argv[2] ?? '{}');
const it = await GatewayUnderTest.start({ limits });
const privateKey = await readFile(join(it.folder, 'id'), 'utf8');

/** The kernel's own count: what is looked at now and then may have been more between. */
async function peak(): Promise<number> {
  const [, kB = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile('/proc/self/status', 'utf8')) ?? [];
  return Number.parseInt(kB, 10) * 1024;
}

/** From what there is now on (proc_pid_clear_refs(5)). */
async function forgetPeak(): Promise<void> {
  await writeFile('/proc/self/clear_refs', '5');
}

async function measure(): Promise<Measured> {
  globalThis.gc?.();
  // Buffers are given back beside it; the next one waits for that.
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { peak: await peak(), rss, held: heapUsed + external, holders: it.workspaces.holders.size };
}

async function obey(order: Order): Promise<Measured> {
  if (typeof order === 'object') {
    it.workspaces.openSshd = async () => ({ stream: connect(order.sshd), diagnostics: () => '' });
  }
  const measured = await measure();
  if (order === 'begin') await forgetPeak();
  return measured;
}

process.on('message', (order: Order) => void obey(order).then((measured) => process.send?.(measured)));
process.once('disconnect', () => void it[Symbol.asyncDispose]().then(() => process.exit()));
process.send?.({ port: it.gateway.address.port, privateKey });
