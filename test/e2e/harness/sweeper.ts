import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createAsideRecords } from '../../../src/clusters/k3d/aside/aside-records.ts';
import { clustersFolder } from '../../../src/composition/clusters-folder.ts';
import { LABEL } from '../../../src/names/docker-names.ts';
import { controlGroupOf, removeControlGroup, thawControlGroup } from './control-group.ts';
import { containersWith, docker, dockerLines } from './docker.ts';
import { eventually } from './eventually.ts';
import { ownerLives, processIdentity, RUNS_ROOT } from './run-folder.ts';

/** Ends the factories and removes the Docker objects of runs whose process is gone, and their folders. */
export async function sweepDeadRuns(): Promise<void> {
  const names = await readdir(RUNS_ROOT).catch(() => []);
  for (const folder of names.map((name) => join(RUNS_ROOT, name))) {
    if (await ownerLives(folder)) continue;
    await killFactory(folder);
    await endContainers(folder);
    await sweepFolder(folder);
  }
}

/** Of images that a test builds and containers that it runs beside the factory's: the run's folder, by name. */
export const RUN_LABEL = 'ssh-lab-factory-e2e.run';

/** The factory's, and its cluster service's where that is a process of its own. */
const DATA_FOLDERS = ['data', 'data-clusters'];

/** Removes the Docker objects of the factory that had its data in `folder`, what else the run made, then the folder. */
export async function sweepFolder(folder: string): Promise<void> {
  const label = `${RUN_LABEL}=${basename(folder)}`;
  // Before the volumes of the factory's, which they may use.
  const containers = await containersWith(label);
  if (containers.length > 0) await docker(['rm', '--force', ...containers.map(({ Id }) => Id)]);
  for (const data of DATA_FOLDERS) {
    const instance = await readFile(join(folder, data, 'instance-id'), 'utf8').catch(() => '');
    if (instance.trim() !== '') await sweepInstance(instance.trim());
    await sweepSetAside(join(folder, data));
  }
  const images = await dockerLines(['image', 'ls', '--quiet', '--filter', `label=${label}`]);
  if (images.length > 0) await docker(['image', 'rm', '--force', ...new Set(images)]);
  await rm(folder, { recursive: true, force: true });
}

/** The volumes of clusters that were set aside have no label: only the data folder knows them. */
async function sweepSetAside(data: string): Promise<void> {
  const records = createAsideRecords(clustersFolder(data));
  const aside = [...(await records.listKept()), ...(await records.listPending())];
  const volumes = aside.flatMap((each) => each.volumes.map(({ volume }) => volume));
  const there = await dockerLines(['volume', 'ls', '--quiet']);
  const left = volumes.filter((volume) => there.includes(volume));
  if (left.length > 0) await docker(['volume', 'rm', ...left]);
}

/** Removes every container, network and volume of a factory, k3d's included, and the images that a test made for it. */
export async function sweepInstance(instance: string): Promise<void> {
  const label = `${LABEL.instance}=${instance}`;
  const containers = [...(await containersWith(label))];
  const clusters = new Set(containers.flatMap((container) => container.Config.Labels?.['k3d.cluster'] ?? []));
  for (const cluster of clusters) containers.push(...(await containersWith(`k3d.cluster=${cluster}`)));
  const ids = [...new Set(containers.map((container) => container.Id))];
  if (ids.length > 0) await docker(['rm', '--force', '--volumes', ...ids], { timeout: 180_000 });
  for (const network of await networksOf(label, clusters)) await docker(['network', 'rm', network]);
  for (const volume of await volumesOf(label, clusters)) await docker(['volume', 'rm', volume]);
  const images = await dockerLines(['image', 'ls', '--quiet', '--filter', `label=${label}`]);
  if (images.length > 0) await docker(['image', 'rm', '--force', ...images]);
}

async function networksOf(label: string, clusters: ReadonlySet<string>): Promise<readonly string[]> {
  const labelled = await dockerLines([
    'network',
    'ls',
    '--format',
    '{{.Name}}',
    '--filter',
    `label=${label}`,
  ]);
  const all = await dockerLines(['network', 'ls', '--format', '{{.Name}}']);
  const k3d = [...clusters].map((cluster) => `k3d-${cluster}`).filter((name) => all.includes(name));
  return [...new Set([...labelled, ...k3d])];
}

async function volumesOf(label: string, clusters: ReadonlySet<string>): Promise<readonly string[]> {
  const labelled = await dockerLines(['volume', 'ls', '--quiet', '--filter', `label=${label}`]);
  const all = await dockerLines(['volume', 'ls', '--quiet']);
  const k3d = [...clusters].map((cluster) => `k3d-${cluster}-images`).filter((name) => all.includes(name));
  return [...new Set([...labelled, ...k3d])];
}

/** Those of an own engine were killed with it, and are still to die where they were paused. */
async function endContainers(folder: string): Promise<void> {
  const group = controlGroupOf(folder);
  await thawControlGroup(group);
  await eventually(() => removeControlGroup(group), { what: `${group} is empty` });
}

async function killFactory(folder: string): Promise<void> {
  for (const file of ['factory.pid', 'clusters.pid']) {
    const identity = await readFile(join(folder, file), 'utf8').catch(() => '');
    const pid = Number.parseInt(identity, 10);
    if (Number.isInteger(pid) && (await processIdentity(pid)) === identity) process.kill(pid, 'SIGKILL');
  }
}
