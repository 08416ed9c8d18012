import { readdir, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
/** How a control group is thawed: cgroups(7), version 1 and 2. */
const THAW = [
  ['freezer.state', 'THAWED'],
  ['cgroup.freeze', '0'],
] as const;

/** The control group above all that an engine of the run with this folder has in containers. */
export function controlGroupOf(runFolder: string): string {
  return `ssh-lab-factory-e2e-${basename(runFolder)}`;
}

/** Wakes what is paused in a control group and below it: with version 1 a frozen process does not even die when it is killed. */
export async function thawControlGroup(name: string): Promise<void> {
  for (const group of await groups(name)) {
    // Each hierarchy has its own files.
    for (const [file, text] of THAW)
      await writeFile(join(group, file), text, { flag: 'r+' }).catch(() => undefined);
  }
}

/** Removes a control group, and those below it, where no process is in them; says whether they are gone. */
export async function removeControlGroup(name: string): Promise<boolean> {
  for (const group of (await groups(name)).toReversed()) await rmdir(group).catch(() => undefined);
  return (await groups(name)).length === 0;
}

/** In every hierarchy; each before those below it. */
async function groups(name: string): Promise<readonly string[]> {
  const hierarchies = await readdir(ROOT).catch(() => []);
  const found = ['', ...hierarchies].map((hierarchy) => withThoseBelow(join(ROOT, hierarchy, name)));
  return (await Promise.all(found)).flat();
}

async function withThoseBelow(group: string): Promise<readonly string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [];
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(group, name));
  return [group, ...(await Promise.all(folders.map(withThoseBelow))).flat()];
}
