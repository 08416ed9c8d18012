import { randomBytes } from 'node:crypto';
import { type Duplex, PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { createDockerEngine, type DockerEngine } from '../../../src/docker-engine/docker-engine.ts';
import { eventually } from './eventually.ts';
import type { Factory } from './factory.ts';

/** ms */
const LIMIT = 90_000;

/** What the factory's configuration has as the secret of these webhooks. */
export const WEBHOOK_SECRET = randomBytes(32).toString('hex');

/**
 * What a ContainerSSH does with Docker for one connection, in its mode "connection": a container that waits, a command in it for each
 * channel, and at a clean end no container. What it leaves behind where it does not come to that is left behind here as well.
 */
export class ContainerSshConnection implements AsyncDisposable {
  readonly id: string;
  readonly #factory: Factory;
  readonly #connectionId: string;
  readonly #engine: DockerEngine;
  readonly #channels: Duplex[] = [];

  private constructor(factory: Factory, connectionId: string, engine: DockerEngine, id: string) {
    this.#factory = factory;
    this.#connectionId = connectionId;
    this.#engine = engine;
    this.id = id;
  }

  /** Asks the factory's webhooks as it does for a client that logs in with this key, and makes the container that they name. */
  static async open(factory: Factory, user: string, publicKey: string): Promise<ContainerSshConnection> {
    const client = {
      remoteAddress: '192.0.2.7:50122',
      connectionId: randomBytes(16).toString('hex'),
      clientVersion: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10',
      username: user,
    };
    const [type, key] = publicKey.split(' ');
    const { authenticatedUsername } = authSchema.parse(
      await ask(factory, '/pubkey', { ...client, publicKey: `${type} ${key}` }),
    );
    const login = { ...client, authenticatedUsername };
    authSchema.parse(await ask(factory, '/authz', login));
    const { config } = configSchema.parse(await ask(factory, '/config', login));
    const { container: wanted, host } = config.docker.execution;
    const engine = createDockerEngine();
    const id = await engine.call({
      what: 'make a container as ContainerSSH does',
      signal: AbortSignal.timeout(LIMIT),
      request: async (docker) => {
        // The images of the tests have no agent of ContainerSSH, which waits in its place.
        const command = ['tail', '-f', '/dev/null'];
        const container = await docker.createContainer({ ...wanted, Cmd: command, HostConfig: host });
        await container.start();
        return container.id;
      },
    });
    return new ContainerSshConnection(factory, client.connectionId, engine, id);
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

  /** What a command without a terminal prints on both its outputs, as a channel has it. */
  async run(script: string): Promise<string> {
    return this.#engine.call({
      what: 'run a command',
      signal: AbortSignal.timeout(LIMIT),
      request: async (docker) => {
        const streams = { AttachStdout: true, AttachStderr: true, Tty: false };
        const command = ['/bin/bash', '-lc', script];
        const exec = await docker.getContainer(this.id).exec({ Cmd: command, ...streams });
        const stream = await exec.start({});
        const output = new PassThrough();
        docker.modem.demuxStream(stream, output, output);
        stream.once('end', () => output.end());
        return text(output);
      },
    });
  }

  /** As one with the pull request that tells of an end. */
  async tellEnd(): Promise<void> {
    await ask(this.#factory, '/cleanup', { connectionId: this.#connectionId });
  }

  /** As after a clean end. */
  async remove(): Promise<void> {
    await this.#engine.callUnless([404, 409], {
      what: 'remove the container as ContainerSSH does',
      signal: AbortSignal.timeout(LIMIT),
      request: (docker) => docker.getContainer(this.id).remove({ force: true }),
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

const authSchema = z.looseObject({ success: z.literal(true), authenticatedUsername: z.string() });
const configSchema = z.looseObject({
  config: z.looseObject({
    docker: z.looseObject({
      execution: z.looseObject({
        mode: z.literal('connection'),
        container: z
          .looseObject({ image: z.string() })
          .transform(({ image, ...rest }) => ({ ...rest, Image: image })),
        host: z.looseObject({ NetworkMode: z.string() }),
      }),
    }),
  }),
});

/** Again as long as the answer is that it is not known yet. */
function ask(factory: Factory, path: string, body: object): Promise<unknown> {
  const { containerssh } = factory.endpoints;
  if (containerssh === undefined) throw new Error('this factory has no webhooks');
  const credentials = Buffer.from(`containerssh:${WEBHOOK_SECRET}`).toString('base64');
  return eventually(
    async () => {
      const answer = await fetch(`http://${containerssh.host}:${containerssh.port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Basic ${credentials}` },
        body: JSON.stringify(body),
      });
      return answer.status === 200 ? answer.json() : undefined;
    },
    { what: `${path} is answered`, within: LIMIT, every: 500 },
  );
}
