import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { GatewayLimits } from '../../../src/gateway/gateway-limits.ts';
import { GatewayUnderTest } from '../gateway-under-test.ts';

// A gateway in a process of its own, so that its memory can be measured: see gateway-process.ts.

/** The path of an SSH server that stands in the place of the container's, or `measure`. */
export type Order = 'measure' | { readonly sshd: string };

/** The answer to each message. */
export interface Measured {
  /** The most there ever was, and what is there now after garbage collection; bytes. */
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

process.on('message', (order: Order) => {
  if (order !== 'measure') {
    it.workspaces.openSshd = async () => ({ stream: connect(order.sshd), diagnostics: () => '' });
  }
  globalThis.gc?.();
  // Buffers are given back beside it; the next one waits for that.
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const measured: Measured = {
    peak: process.resourceUsage().maxRSS * 1024,
    rss,
    held: heapUsed + external,
    holders: it.workspaces.holders.size,
  };
  process.send?.(measured);
});
process.once('disconnect', () => void it[Symbol.asyncDispose]().then(() => process.exit()));
process.send?.({ port: it.gateway.address.port, privateKey });
