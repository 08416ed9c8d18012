import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** What a process has used of the processors so far: clock ticks of user and system time (proc(5), fields 14 and 15). */
export function cpuTicks(stat: string): number {
  // The name in parentheses may hold spaces; after it comes field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident memory in KiB (proc(5), VmRSS). */
export function residentKib(status: string): number {
  return Number(status.match(/^VmRSS:\s+(\d+) kB$/m)?.[1]);
}

/** ms. Linux reports ticks of that length to every program, whatever the kernel was built with. */
export const TICK = 10;

/** Memory, and the share of one core over the next `during` ms. */
export async function loadOf(
  pid: number,
  during: number,
): Promise<{ readonly memoryKib: number; readonly cpuPercent: number }> {
  const [ticks, began] = [cpuTicks(await readFile(`/proc/${pid}/stat`, 'utf8')), performance.now()];
  await delay(during);
  const spent = (cpuTicks(await readFile(`/proc/${pid}/stat`, 'utf8')) - ticks) * TICK;
  const cpuPercent = (spent / (performance.now() - began)) * 100;
  return { memoryKib: residentKib(await readFile(`/proc/${pid}/status`, 'utf8')), cpuPercent };
}
