import { join } from 'node:path';
import { PUBLIC_AUTHORITY } from '../../src/acme/testing/public-authority.ts';
import { createK3dClusters } from '../../src/clusters/k3d/k3d-clusters.ts';
import { createDockerEngine, type DockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { createImageStore } from '../../src/images/image-store.ts';
import { type ClusterDefinition, NOTHING_GIVEN } from '../../src/labs/lab-definition.ts';
import { createLogger, type Logger } from '../../src/logging/logger.ts';
import { type InstanceId, parseInstanceId } from '../../src/names/instance-id.ts';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import { traefikLabels } from '../../src/routing/traefik-labels.ts';
import { createSubnetPool, type SubnetPool } from '../../src/subnets/subnet-pool.ts';
import type { Clusters } from '../../src/workspaces/ports/clusters.ts';
import { findSetUp } from '../e2e/harness/set-up.ts';
import { workspace } from '../fresh-names.ts';

/*
 * The clusters of the tests, and as a program of its own (`create-cluster.ts <instance> <folder> <user>`) one creation, so
 * that a test can kill the whole process in the middle of it.
 */
const setUp = await findSetUp();
export const nodeImage = setUp.images.node;

export const definition: ClusterDefinition = {
  image: undefined,
  servers: 1,
  agents: 0,
  limits: { memory: 2 * 2 ** 30, cpus: 1.5, pids: 3000 },
  env: [],
  options: { k3s: { extraArgs: [], nodeLabels: [] } },
  startTimeout: 240_000,
};

/** Where the networks of these clusters are. */
export const SUBNETS = '10.213.0.0/20';

const hostOf = (key: WorkspaceKey) => `${key.user}.localhost`;

export function testClusters(
  instance: InstanceId,
  folder: string,
  changes: {
    k3d?: string;
    minFreeDisk?: number;
    logger?: Logger;
    engine?: DockerEngine;
    subnets?: SubnetPool;
  } = {},
): Clusters {
  const engine = changes.engine ?? createDockerEngine();
  return createK3dClusters({
    engine,
    instance,
    k3d: changes.k3d ?? setUp.k3d,
    ...(setUp.k3dImages === undefined ? {} : { k3dImages: setUp.k3dImages }),
    defaultImage: nodeImage,
    images: createImageStore({ engine, setupFile: undefined }),
    subnets: changes.subnets ?? createSubnetPool({ engine, within: SUBNETS }),
    minFreeDisk: changes.minFreeDisk ?? 1,
    folder,
    logFolder: join(folder, 'logs'),
    hostOf,
    firstServerLabels: (key) => traefikLabels(instance, key, hostOf(key)),
    acme: PUBLIC_AUTHORITY,
    publicApi: (key) => ({ server: 'https://127.0.0.1:7443', tlsServerName: `${key.user}.localhost` }),
    logger: changes.logger ?? createLogger('error'),
  });
}

if (import.meta.main) {
  const [id = '', folder = '', user = ''] = process.argv.slice(2);
  const instance = parseInstanceId(id);
  if (instance === undefined) throw new Error('no instance id');
  const clusters = testClusters(instance, folder);
  await clusters.create(
    workspace(user, 'k3s'),
    definition,
    NOTHING_GIVEN,
    () => undefined,
    AbortSignal.timeout(240_000),
  );
}
