import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { formatRouteTable, parseRouteTable, type RouteTable } from './route-table.ts';

const FILE = 'routes.yml';
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
  await mkdir(folder, { recursive: true, mode: 0o755 });
  // Traefik reads only names that end in yml, yaml or toml.
  const draft = join(folder, '.routes.draft');
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
