import type { AcmeAuthority } from '../../acme/acme-authority.ts';
import { containerMemory } from '../../docker-engine/container-memory.ts';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { workspaceOfLabels } from '../../docker-engine/workspace-labels.ts';
import type { ImageStore } from '../../images/image-store.ts';
import type { Logger } from '../../logging/logger.ts';
import { LABEL } from '../../names/docker-names.ts';
import type { InstanceId } from '../../names/instance-id.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { SubnetPool } from '../../subnets/subnet-pool.ts';
import type { Runtime } from '../../workspaces/ports/runtime.ts';
import { sessionEnv } from '../session-env.ts';
import { createContainer, type HostParts, startAgain } from './container-creation.ts';
import { inspectContainer, stateOf } from './container-state.ts';
import {
  removeContainer,
  resumeContainer,
  stopContainer,
  suspendContainer,
} from './container-transitions.ts';
import { eraseRemains } from './erasure.ts';
import { putGivenFiles } from './files/put-files.ts';
import { attachToCluster } from './network/cluster-attachment.ts';
import { openExec, openInnerSshd } from './sessions/container-sessions.ts';
import type { TerminalMark } from './sessions/exec-terminal.ts';
import { type WorkspaceEnvOptions, workspaceEnv } from './workspace-env.ts';
import { workspaceObjects } from './workspace-objects.ts';

export interface DockerRuntimeOptions extends WorkspaceEnvOptions {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly images: ImageStore;
  readonly subnets: SubnetPool;
  /** The public half of the key that the gateway uses with the inner sshd: one line of authorized_keys. */
  readonly innerAuthorizedKey: string;
  /** Whose certificates the containers trust. */
  readonly acme: AcmeAuthority;
  /** Has the terminals of `exec` that somebody holds now. */
  readonly openTerminals: Set<TerminalMark>;
  readonly host: HostParts;
  readonly logger: Logger;
}

/** The `Runtime` that runs lab containers on a Docker engine. */
export function createDockerRuntime(options: DockerRuntimeOptions): Runtime {
  const {
    engine,
    instance,
    images,
    subnets,
    innerAuthorizedKey,
    publicUrls,
    acme,
    openTerminals,
    host,
    logger,
  } = options;
  const objects = (key: WorkspaceKey) => workspaceObjects(engine, instance, key);
  const env = workspaceEnv({ publicUrls, acme });
  return {
    observe: async (key, signal) => stateOf(await inspectContainer(objects(key), signal)),
    list: (signal) => listContainers(engine, instance, signal),
    create: (key, lab, progress, signal) =>
      createContainer(
        objects(key),
        lab,
        {
          images,
          subnets,
          innerAuthorizedKey,
          env: env(key),
          trustedRoot: acme.root,
          host,
        },
        progress,
        signal,
      ),
    start: (key, signal) => startAgain(objects(key), host, signal),
    resume: (key, signal) => resumeContainer(objects(key), signal),
    suspend: (key, signal) => suspendContainer(objects(key), signal),
    stop: (key, signal) => stopContainer(objects(key), signal),
    remove: (key, signal) => removeContainer(objects(key), signal),
    erase: async (key, what, signal) => {
      await eraseRemains(objects(key), what, signal);
      await host.pipeFolders?.remove(key);
    },
    attach: (key, attachment, signal) => attachToCluster(objects(key), attachment, signal),
    memory: (key, signal) => containerMemory(engine, objects(key).names.container, signal),
    openSshd: (key, own, signal) =>
      openInnerSshd(
        objects(key),
        {
          authorizedKey: innerAuthorizedKey,
          env: sessionEnv({ ...env(key), ...own, ...env(key) }, logger),
          pipeFolders: host.pipeFolders,
          logger,
        },
        signal,
      ),
    putFiles: (key, id, files, signal) => putGivenFiles(objects(key), id, files, signal),
    exec: (key, command, pty, signal) =>
      openExec(objects(key), command, pty, { openTerminals, logger }, signal),
  };
}

async function listContainers(
  engine: DockerEngine,
  instance: InstanceId,
  signal: AbortSignal,
): Promise<WorkspaceKey[]> {
  const label = [`${LABEL.instance}=${instance}`, `${LABEL.role}=container`];
  const containers = await engine.call({
    what: 'list its containers',
    signal,
    request: (docker, abortSignal) => docker.listContainers({ all: true, filters: { label }, abortSignal }),
  });
  return containers.flatMap((container) => workspaceOfLabels(container.Labels) ?? []);
}
