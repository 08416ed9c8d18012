import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { FrontLaunch } from '../../../src/containerssh/front-sessions.ts';
import { createDockerEngine, type DockerEngine } from '../../../src/docker-engine/docker-engine.ts';
import { parseInstanceId } from '../../../src/names/instance-id.ts';
import { parseWorkspaceKey } from '../../../src/names/workspace-key.ts';
import { createDockerFronts } from '../../../src/runtime/docker/front-containers.ts';
import type { Factory } from './factory.ts';

const LIMIT = 30_000;

/**
 * What a ContainerSSH does with Docker for one connection, in its mode "connection": a container that waits, a command in it for each
 * channel, and at a clean end no container. What it leaves behind where it does not come to that is left behind here as well.
 */
export class ContainerSshConnection implements AsyncDisposable {
  readonly id: string;
  readonly #engine: DockerEngine;
  readonly #channels: Duplex[] = [];

  private constructor(engine: DockerEngine, id: string) {
    this.#engine = engine;
    this.id = id;
  }

  /** Its container is as the factory says; the workspace's own runs. */
  static async open(factory: Factory, user: string, lab: string): Promise<ContainerSshConnection> {
    const engine = createDockerEngine();
    const launch = await launchFor(engine, await factory.instance(), user, lab);
    const id = await engine.call({
      what: 'make a container as ContainerSSH does',
      signal: AbortSignal.timeout(LIMIT),
      request: async (docker) => {
        const container = await docker.createContainer(asContainer(launch));
        await container.start();
        return container.id;
      },
    });
    return new ContainerSshConnection(engine, id);
  }

  /** A login shell on a terminal, as a channel has it. Resolves when it has a prompt. */
  async shell(): Promise<Duplex> {
    const channel = await this.#engine.call({
      what: 'begin a shell',
      signal: AbortSignal.timeout(LIMIT),
      request: async (docker) => {
        const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true };
        const exec = await docker.getContainer(this.id).exec({ Cmd: ['/bin/bash', '-l'], ...streams });
        return exec.start({ hijack: true, stdin: true, Tty: true });
      },
    });
    this.#channels.push(channel);
    await new Promise((resolve) => channel.once('data', resolve));
    return channel;
  }

  /** As after a clean end. */
  async remove(): Promise<void> {
    await this.#engine.callUnless([404, 409], {
      what: 'remove the container as ContainerSSH does',
      signal: AbortSignal.timeout(LIMIT),
      request: (docker) => docker.getContainer(this.id).remove({ force: true, v: true }),
    });
  }

  async isThere(): Promise<boolean> {
    const found = await this.#engine.callUnless([404], {
      what: 'look for the container',
      signal: AbortSignal.timeout(LIMIT),
      request: (docker) => docker.getContainer(this.id).inspect(),
    });
    return found !== undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of this.#channels) channel.destroy();
    await this.remove();
  }
}

async function launchFor(
  engine: DockerEngine,
  instanceText: string,
  user: string,
  lab: string,
): Promise<FrontLaunch> {
  const instance = parseInstanceId(instanceText);
  const key = parseWorkspaceKey(user, lab);
  if (instance === undefined || key === undefined) throw new Error('no such workspace');
  const connection = {
    id: randomBytes(16).toString('hex'),
    key,
    clientAddress: '192.0.2.7:50122',
    clientProgram: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10',
  };
  return createDockerFronts(engine, instance).launch(connection, {}, AbortSignal.timeout(LIMIT));
}

function asContainer(launch: FrontLaunch) {
  return {
    Image: launch.image,
    User: launch.user,
    WorkingDir: launch.workingDir,
    Env: Object.entries(launch.env).map(([name, value]) => `${name}=${value}`),
    Labels: { ...launch.labels },
    // The images of the tests have no agent of ContainerSSH, which waits in its place.
    Cmd: ['tail', '-f', '/dev/null'],
    HostConfig: {
      Binds: [...launch.binds],
      NetworkMode: launch.networkMode,
      SecurityOpt: [...launch.securityOpt],
      Init: true,
      Memory: launch.limits.memory,
      NanoCpus: Math.round(launch.limits.cpus * 1e9),
      PidsLimit: launch.limits.pids,
    },
  };
}
