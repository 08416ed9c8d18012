import { docker } from '../../test/e2e/harness/docker.ts';

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** What `docker stats` says of a container's memory; bytes. Undefined where the engine finds no figures, which it shows as 0. */
export async function dockerStatsMemory(container: string): Promise<number | undefined> {
  return memoryUsed(await docker(['stats', '--no-stream', '--format', '{{.MemUsage}}', container]));
}

/** `text`: "455.6MiB / 2GiB". */
export function memoryUsed(text: string): number | undefined {
  const { amount, unit } = /^(?<amount>[\d.]+)(?<unit>[KMG]?i?B) \//.exec(text.trim())?.groups ?? {};
  const bytes = Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN);
  return bytes > 0 ? bytes : undefined;
}
