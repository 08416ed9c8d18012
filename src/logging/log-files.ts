import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** "factory.12.jsonl"; the higher the number, the newer. */
const LOG_FILE = /^factory\.(?<number>\d+)\.jsonl$/;

/** Where a factory with this data folder keeps its log. */
export function logFolder(data: string): string {
  return join(data, 'logs');
}

/** Where it keeps the logs of clusters that could not be made or started. */
export function clusterLogFolder(data: string): string {
  return join(logFolder(data), 'clusters');
}

/** The paths of the log's files, oldest first; none where nothing was logged yet. */
export async function listLogFiles(data: string): Promise<readonly string[]> {
  const folder = logFolder(data);
  const names = await readdir(folder).catch(() => []);
  return names
    .map((name) => ({ name, number: Number(LOG_FILE.exec(name)?.groups?.number) }))
    .filter(({ number }) => Number.isInteger(number))
    .sort((a, b) => a.number - b.number)
    .map(({ name }) => join(folder, name));
}
