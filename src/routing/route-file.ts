import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { formatRouteTable, parseRouteTable, type RouteTable } from './route-table.ts';

const FILE = 'routes.yml';
/**
 * Traefik (v3.6, `addWatcher` in pkg/provider/file) reads all files again for whatever happens in the folder itself, so a draft there
 * would cost as much as a new file, several times. What is in a folder below it does not watch, and reads nothing without one of its
 * extensions.
 */
const DRAFTS = 'draft';
const TABLE_LINE = '# table: ';

/**
 * Replaces the one file in `folder` that Traefik reads: its configuration, which as JSON is YAML too, and before it in a
 * comment the table it was made from, so that the next factory can go on with these routes.
 */
export async function writeRouteFile(
  folder: string,
  table: RouteTable,
  configuration: object,
): Promise<void> {
  await mkdir(join(folder, DRAFTS), { recursive: true, mode: 0o755 });
  const draft = join(folder, DRAFTS, 'routes.draft');
  const file = await open(draft, 'w', 0o644);
  try {
    const text = `${TABLE_LINE}${formatRouteTable(table)}\n${JSON.stringify(configuration, undefined, 1)}\n`;
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, FILE));
}

/** The table of the file that an earlier factory left; undefined where there is none, or none that can be read. */
export async function readRouteFile(folder: string): Promise<RouteTable | undefined> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => '');
  const [line = ''] = text.split('\n', 1);
  return line.startsWith(TABLE_LINE) ? parseRouteTable(line.slice(TABLE_LINE.length)) : undefined;
}
