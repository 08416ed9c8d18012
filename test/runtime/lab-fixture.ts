import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { AcmeAuthority } from '../../src/acme/acme-authority.ts';
import { PUBLIC_AUTHORITY } from '../../src/acme/testing/public-authority.ts';
import { DEFAULT_LIFECYCLE } from '../../src/config/lifecycle-values.ts';
import { createDockerEngine, type DockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { createImageStore } from '../../src/images/image-store.ts';
import type { ContainerDefinition, LabDefinition } from '../../src/labs/lab-definition.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { LABEL } from '../../src/names/docker-names.ts';
import { type InstanceId, parseInstanceId } from '../../src/names/instance-id.ts';
import { parseLabName } from '../../src/names/lab-name.ts';
import { parseUsername } from '../../src/names/username.ts';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import { createDockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';
import { PipeFolders } from '../../src/runtime/docker/sessions/pipes/pipe-folders.ts';
import type { WorkspaceEnvOptions } from '../../src/runtime/docker/workspace-env.ts';
import { createSubnetPool, type SubnetPool } from '../../src/subnets/subnet-pool.ts';
import type { Runtime } from '../../src/workspaces/ports/runtime.ts';

export const LAB_IMAGE = 'ssh-lab-factory/lab-k3s:latest';
const MIB = 2 ** 20;

/** A runtime with an instance id of its own on the real engine; disposing removes all that it made. */
export interface RuntimeFixture extends AsyncDisposable {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly runtime: Runtime;
  /** As one of an earlier version. */
  readonly withoutPipes: Runtime;
  /** The terminals of `exec` that the runtime's callers hold. */
  readonly openTerminals: ReadonlySet<string>;
  readonly subnets: SubnetPool;
  /** The gateway's private key for the inner sshd. */
  readonly innerKey: string;
  /** What the factory says of a workspace in its environment. */
  readonly says: WorkspaceEnvOptions;
  /** Has a folder of named pipes for each workspace. */
  readonly pipesFolder: string;
}

export function createFixture(acme: AcmeAuthority = PUBLIC_AUTHORITY): RuntimeFixture {
  const folder = mkdtempSync(join(tmpdir(), 'lab-fixture-'));
  const pipeFolders = new PipeFolders(join(folder, 'pipes'));
  const engine = createDockerEngine();
  const instance = required(parseInstanceId(randomBytes(4).toString('hex')));
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  const subnets = createSubnetPool({ engine, within: '10.231.0.0/16' });
  const openTerminals = new Set<string>();
  const says = {
    publicUrls: ({ user }: WorkspaceKey) => ({
      host: `${user}.localhost`,
      http: `http://${user}.localhost:8080`,
      https: `https://${user}.localhost:8443`,
    }),
    acme,
  };
  const options = {
    ...says,
    engine,
    instance,
    images: createImageStore({ engine, setupFile: undefined }),
    subnets,
    innerAuthorizedKey: pair.public,
    openTerminals,
    logger: createLogger('error'),
  };
  const runtime = (pipes: PipeFolders | undefined): Runtime =>
    createDockerRuntime({ ...options, host: { forbiddenMounts: ['/run'], pipeFolders: pipes } });
  return {
    engine,
    instance,
    runtime: runtime(pipeFolders),
    withoutPipes: runtime(undefined),
    openTerminals,
    subnets,
    innerKey: pair.private,
    says,
    pipesFolder: join(folder, 'pipes'),
    [Symbol.asyncDispose]: async () => {
      await removeAll(engine, instance);
      await rm(folder, { recursive: true });
    },
  };
}

export function workspaceKey(user: string, lab = 'fixture'): WorkspaceKey {
  return { user: required(parseUsername(user)), lab: required(parseLabName(lab)) };
}

export function labDefinition(image = LAB_IMAGE): LabDefinition {
  return {
    name: required(parseLabName('fixture')),
    description: 'For tests.',
    folder: '/somewhere/labs/fixture',
    container: {
      image,
      user: 'lab',
      env: { LANG: 'C.UTF-8', MOTTO: 'a "quoted" back\\slash' },
      build: undefined,
      root: 'sudo',
      files: [],
      home: 'kept',
      mounts: [],
      egress: 'open',
      limits: { memory: 256 * MIB, cpus: 0.5, pids: 200 },
    },
    cluster: undefined,
    routes: { host: 'alice' },
    lifecycle: { ...DEFAULT_LIFECYCLE, grace: 0, stopAfter: undefined },
    hooks: {},
    given: { values: {} },
  };
}

/** The small lab of the factory, otherwise as given. */
export function debianLab(container: Partial<ContainerDefinition>): LabDefinition {
  const lab = labDefinition('ssh-lab-factory/lab-debian:latest');
  return { ...lab, container: { ...lab.container, ...container } };
}

export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the fixture lacks something');
  return value;
}

export function anyProgress(): void {}

async function removeAll(engine: DockerEngine, instance: InstanceId): Promise<void> {
  const signal = AbortSignal.timeout(120_000);
  const filters = { label: [`${LABEL.instance}=${instance}`] };
  await engine.call({
    what: 'clean up',
    signal,
    timeout: 120_000,
    request: async (docker) => {
      for (const { Id } of await docker.listContainers({ all: true, filters })) {
        await docker.getContainer(Id).remove({ force: true, v: true });
      }
      for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
      for (const { Name } of (await docker.listVolumes({ filters })).Volumes)
        await docker.getVolume(Name).remove();
    },
  });
}
