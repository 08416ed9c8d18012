import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FrontContainer, FrontContainers } from '../../src/containerssh/front-containers.ts';
import type { FrontConnection } from '../../src/containerssh/front-sessions.ts';
import { launchConfig } from '../../src/containerssh/webhooks/launch-config.ts';
import { dockerNames, LABEL } from '../../src/names/docker-names.ts';
import { createDockerFronts } from '../../src/runtime/docker/fronts/front-containers.ts';
import { eventually } from '../e2e/harness/eventually.ts';
import { connectInside } from './inner-client.ts';
import {
  anyProgress,
  createFixture,
  labDefinition,
  type RuntimeFixture,
  workspaceKey,
} from './lab-fixture.ts';

const MINUTE = 60_000;
const signal = () => AbortSignal.timeout(2 * MINUTE);
const MOUNT = { source: import.meta.dirname, target: '/opt/data', readOnly: true };
const plain = labDefinition();
const lab = { ...plain, container: { ...plain.container, mounts: [MOUNT] } };
const connection: FrontConnection = {
  id: 'c'.repeat(32),
  key: workspaceKey('alice'),
  clientAddress: '192.0.2.7:50122',
  clientProgram: 'SSH-2.0-OpenSSH_9.2p1',
};
/** In the place of what the factory alone says of a workspace. */
const SAID_BY_A_LAB = {
  LAB_USER: 'mallory',
  LAB_HOST: 'mallory.localhost',
  LAB_URL: 'http://mallory.localhost',
  LAB_HTTPS_URL: 'https://mallory.localhost',
  LAB_ACME_DIRECTORY: 'https://mallory.localhost/directory',
};
let fixture: RuntimeFixture;
let fronts: FrontContainers;

beforeAll(async () => {
  fixture = createFixture();
  fronts = createDockerFronts(fixture.engine, fixture.instance, fixture.says);
  await fixture.runtime.create(connection.key, lab, anyProgress, signal());
}, 3 * MINUTE);
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
}, 3 * MINUTE);

/** As ContainerSSH's Docker backend makes it in the mode "connection", or with another main process. */
async function make(
  command: readonly string[] = ['tail', '-f', '/dev/null'],
  of: FrontConnection = connection,
): Promise<string> {
  const launch = await fronts.launch(of, { ...SAID_BY_A_LAB, MORE: 'of it' }, signal());
  const config = launchConfig(launch).docker.execution;
  return fixture.engine.call({
    what: 'make a container',
    signal: signal(),
    request: async (docker) => {
      const { image, ...wanted } = config.container;
      const container = await docker.createContainer({
        ...wanted,
        Image: image,
        Cmd: [...command],
        HostConfig: config.host,
      });
      await container.start();
      return container.id;
    },
  });
}

/** The lab's own, with an entry point that runs what it is given. */
function imageWithEntryPoint(): Promise<string> {
  const repo = `entry-point-${fixture.instance}`;
  return fixture.engine.call({
    what: 'make an image',
    signal: signal(),
    request: async (docker) => {
      const maker = await docker.createContainer({
        Image: lab.container.image,
        Labels: { [LABEL.instance]: fixture.instance },
      });
      await maker.commit({ repo, changes: 'ENTRYPOINT ["/usr/bin/env"]' });
      await maker.remove();
      return repo;
    },
  });
}

/** A command as ContainerSSH begins one, with a terminal or without; what it gets on its input is up to the test. */
async function begin(id: string, command: readonly string[], tty: boolean): Promise<Duplex> {
  return fixture.engine.call({
    what: 'begin a command',
    signal: signal(),
    request: async (docker) => {
      const exec = await docker.getContainer(id).exec({
        Cmd: [...command],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: tty,
      });
      return exec.start({ hijack: true, stdin: true, Tty: tty });
    },
  });
}

async function only(id: string): Promise<FrontContainer | undefined> {
  return (await fronts.list(signal())).find((front) => front.id === id);
}

/** Docker tells of the begin and the end of a command a moment after its streams do. */
const becomesBusy = (id: string, busy: boolean) =>
  eventually(async () => (await only(id))?.busy === busy, { what: `busy is ${busy}`, within: 60_000 });

async function output(id: string, script: string): Promise<string> {
  const stream = await begin(id, ['sh', '-c', script], true);
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(stream, 'end');
  return text.replaceAll('\r', '');
}

test('it is known again with its connection, and is no lab container', async () => {
  const id = await make();
  expect(await only(id)).toEqual({ id, connection, state: 'running', busy: false, cutOff: false });
  expect(await fixture.runtime.list(signal())).toEqual([connection.key]);
  await fronts.remove(id, signal());
  await fronts.remove(id, signal());
  expect(await fronts.list(signal())).toEqual([]);
});

test('it is in the workspace: home, network, host name and environment', async () => {
  const { acme, publicUrls } = fixture.says;
  const { host, http, https } = publicUrls(connection.key);
  {
    using inside = await connectInside(fixture.runtime, connection.key, fixture.innerKey);
    await inside.run('echo kept >from-the-lab && hostname >name');
  }
  const id = await make();
  expect(
    await output(
      id,
      'cat from-the-lab; hostname | diff - name && echo same; echo $MORE $MOTTO; id -un; sudo id -u; env | grep ^LAB_ | sort',
    ),
  ).toBe(
    [
      'kept',
      'same',
      'of it a "quoted" back\\slash',
      'lab',
      '0',
      `LAB_ACME_DIRECTORY=${acme.directory}`,
      `LAB_HOST=${host}`,
      `LAB_HTTPS_URL=${https}`,
      `LAB_URL=${http}`,
      'LAB_USER=alice',
      '',
    ].join('\n'),
  );
  await fronts.remove(id, signal());
});

test("it has the lab's mounts, and nothing of how the gateway comes in", async () => {
  const { mounts, binds } = await fronts.launch(connection, {}, signal());
  const { homeVolume } = dockerNames(fixture.instance, connection.key);
  expect([mounts, binds]).toEqual([[MOUNT], [`${homeVolume}:/home/lab`]]);
});

test.each([
  ['a shell in which nobody types', true],
  ['a command without a terminal', false],
])('%s is busy until it ends', async (_what, tty) => {
  const id = await make();
  const shell = await begin(id, ['/bin/sh'], tty);
  await becomesBusy(id, true);
  shell.write('sleep 300 </dev/null >/dev/null 2>&1 &\nexit\n');
  // What it left in the background is nobody's.
  await becomesBusy(id, false);
  await fronts.remove(id, signal());
});

test('a command whose client is gone ends with its input, and on a terminal never', async () => {
  const piped = await make();
  const terminal = await make();
  (await begin(piped, ['/bin/sh'], false)).destroy();
  (await begin(terminal, ['/bin/sh'], true)).destroy();
  await becomesBusy(terminal, true);
  await becomesBusy(piped, false);
  expect((await only(terminal))?.busy).toBe(true);
  await Promise.all([piped, terminal].map((id) => fronts.remove(id, signal())));
});

test('a main process that is no idle one is busy: it is the session', async () => {
  const id = await make(['sleep', '300']);
  expect((await only(id))?.busy).toBe(true);
  await fronts.remove(id, signal());
});

test('the entry point of its image does not run: it would look like a session', async () => {
  const bob = { ...connection, key: workspaceKey('bob') };
  const image = await imageWithEntryPoint();
  try {
    await fixture.runtime.create(bob.key, labDefinition(image), anyProgress, signal());
    const id = await make(undefined, bob);
    expect(await only(id)).toMatchObject({ state: 'running', busy: false });
    await fronts.remove(id, signal());
    await fixture.runtime.remove(bob.key, signal());
  } finally {
    await fixture.engine.call({
      what: 'remove the image',
      signal: signal(),
      request: (docker) => docker.getImage(image).remove({ force: true }),
    });
  }
});

test('the kubeconfig comes into it once, and into none of another workspace', async () => {
  const id = await make();
  const other = { id, key: workspaceKey('mallory') };
  await fronts.putKubeconfig(other, 'not hers', signal());
  expect(await output(id, 'cat ~/.kube/config || echo none')).toContain('none');
  await fronts.putKubeconfig({ id, key: connection.key }, 'apiVersion: v1\n', signal());
  await fronts.putKubeconfig({ id, key: connection.key }, 'apiVersion: v1\n', signal());
  expect(await output(id, 'cat ~/.kube/config')).toBe('apiVersion: v1\n');
  await becomesBusy(id, false);
  await fronts.remove(id, signal());
});

test('paused, it is what it was; with its lab container started anew, it is cut off; stopped, it has ended', async () => {
  const { runtime, engine } = fixture;
  const id = await make();
  const on = (change: 'pause' | 'unpause' | 'stop') =>
    engine.call({ what: change, signal: signal(), request: (docker) => docker.getContainer(id)[change]() });
  const shell = await begin(id, ['/bin/sh'], true);
  // Docker is stuck with a container that is paused while a command is being started in it.
  await once(shell, 'data');
  await on('pause');
  expect(await only(id)).toMatchObject({ state: 'paused', busy: true, cutOff: false });
  await on('unpause');
  await runtime.suspend(connection.key, signal());
  expect(await only(id)).toMatchObject({ cutOff: false });
  await runtime.stop(connection.key, signal());
  expect(await only(id)).toMatchObject({ state: 'running', cutOff: true });
  await runtime.start(connection.key, signal());
  expect(await only(id)).toMatchObject({ cutOff: true });
  await on('stop');
  expect(await only(id)).toMatchObject({ state: 'ended', busy: false });
  await fronts.remove(id, signal());
});

test('a container that is no front is not removed', async () => {
  const { container } = dockerNames(fixture.instance, connection.key);
  const found = await fixture.engine.call({
    what: 'look',
    signal: signal(),
    request: (docker) => docker.getContainer(container).inspect(),
  });
  await fronts.remove(found.Id, signal());
  expect(await fixture.runtime.observe(connection.key, signal())).toBe('running');
});
