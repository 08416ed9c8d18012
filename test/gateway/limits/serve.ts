import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayLimits } from '../../../src/gateway/gateway-limits.ts';
import { GatewayUnderTest } from '../gateway-under-test.ts';

// A gateway in a process of its own, so that its memory can be measured: see gateway-process.ts.

/** Answers to the messages 'memory' and 'holders'. */
export interface Measured {
  /** The most there ever was, and what is there now after garbage collection; bytes. */
  readonly peak: number;
  readonly rss: number;
  /** Leases. */
  readonly holders: number;
}

const limits: Partial<GatewayLimits> = JSON.parse(process.argv[2] ?? '{}');
const it = await GatewayUnderTest.start({ limits });
const privateKey = await readFile(join(it.folder, 'id'), 'utf8');

process.on('message', () => {
  globalThis.gc?.();
  const { rss } = process.memoryUsage();
  const measured: Measured = {
    peak: process.resourceUsage().maxRSS * 1024,
    rss,
    holders: it.workspaces.holders.size,
  };
  process.send?.(measured);
});
process.once('disconnect', () => void it[Symbol.asyncDispose]().then(() => process.exit()));
process.send?.({ port: it.gateway.address.port, privateKey });
