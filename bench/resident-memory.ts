import { readFile } from 'node:fs/promises';
import type { Factory } from '../test/e2e/harness/factory.ts';

/** The resident memory of the factory's process, whole MiB (proc(5), VmRSS). */
export async function residentMemory(factory: Factory): Promise<number> {
  const status = await readFile(`/proc/${factory.pid}/status`, 'utf8');
  const kib = Number(status.match(/^VmRSS:\s+(\d+) kB$/m)?.[1]);
  return Math.round(kib / 1024);
}
