import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { FactoryOptions, LabFile } from './factory-options.ts';
import { makeFoldersOfTwo, SHARED_PLACES } from './other-user.ts';
import { findSetUp, LAB_IMAGE } from './set-up.ts';

export const ANY_PORT = '127.0.0.1:0';

/** Of `routes`. */
export const ANY_PORTS = { http: ANY_PORT, https: ANY_PORT, kube: ANY_PORT };

const LIMITS = { memory: '512Mi', cpus: 1, pids: 300 };

/** Labs for tests: with a cluster, and without, which is ready in a second. */
export const CLUSTER_LAB: LabFile = {
  description: 'a cluster of your own',
  container: { image: LAB_IMAGE, user: 'lab', limits: LIMITS },
  cluster: {},
};
export const PLAIN_LAB: LabFile = {
  description: 'no cluster',
  container: { image: LAB_IMAGE, user: 'lab', limits: LIMITS },
};

const DEFAULT_LABS = { k3s: CLUSTER_LAB };

/** Writes all that `factory serve` reads: configuration, labs, an empty folder for keys, the set-up file. */
export async function writeFactoryFiles(folder: string, options: FactoryOptions): Promise<void> {
  await mkdir(join(folder, 'keys'), { recursive: true });
  for (const [name, lab] of Object.entries(options.labs ?? DEFAULT_LABS)) await writeLab(folder, name, lab);
  await writeFile(join(folder, 'factory.yaml'), stringify(factoryConfig(options)));
  if (options.twoUsers === true) await makeFoldersOfTwo(folder);
  await writeFile(join(folder, 'setup.json'), JSON.stringify(await findSetUp()));
}

export async function writeLab(folder: string, name: string, lab: LabFile): Promise<void> {
  await mkdir(join(folder, 'labs', name), { recursive: true });
  await writeFile(join(folder, 'labs', name, 'lab.yaml'), stringify(lab));
}

function factoryConfig(options: FactoryOptions): Record<string, unknown> {
  const { domain = 'lab.test', grace = '4s', stopAfter = '30m' } = options;
  const labs = Object.keys(options.labs ?? DEFAULT_LABS);
  const github = options.github === undefined ? [] : [{ github: { url: options.github, fresh_for: '1s' } }];
  return {
    domain,
    data: './data',
    ssh: { listen: ANY_PORT },
    web: { listen: ANY_PORT },
    routes: ANY_PORTS,
    identity: [{ files: './keys' }, ...github],
    groups: options.groups ?? [{ name: 'everybody', members: ['*'], labs, open_to_anyone: true }],
    labs: ['./labs'],
    lifecycle: { grace, stop_after: stopAfter },
    ...options.config,
    clusters: {
      subnets: subnetsOfItsOwn(),
      ...(options.twoUsers === true ? { service: SHARED_PLACES } : {}),
      ...options.clusters,
    },
  };
}

/** What one factory frees for a moment, as a restore does, no other of those beside it takes. One of 640. */
function subnetsOfItsOwn(): string {
  const below = (n: number) => Math.floor(Math.random() * n);
  return `10.${215 + below(40)}.${16 * below(16)}.0/20`;
}
