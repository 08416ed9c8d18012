import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDockerEngine } from '../../src/docker-engine/docker-engine.ts';
import { watchDockerEvents } from '../../src/docker-engine/docker-events.ts';
import { createLogger } from '../../src/logging/logger.ts';
import { dockerNames } from '../../src/names/docker-names.ts';
import { connectInside } from './inner-client.ts';
import {
  anyProgress,
  createFixture,
  LAB_IMAGE,
  labDefinition,
  type RuntimeFixture,
  workspaceKey,
} from './lab-fixture.ts';

const MINUTE = 60_000;
const MIB = 2 ** 20;
const lab = labDefinition();
let fixture: RuntimeFixture;
const signal = () => AbortSignal.timeout(2 * MINUTE);

beforeAll(() => {
  fixture = createFixture();
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
}, 3 * MINUTE);

function inspect(container: string) {
  return fixture.engine.call({
    what: 'look',
    signal: signal(),
    request: (docker) => docker.getContainer(container).inspect(),
  });
}

describe('the life of a container', { timeout: 5 * MINUTE }, () => {
  const key = workspaceKey('alice');

  test('create, suspend, resume, stop, start, remove; each twice, and what a student did stays', async () => {
    const { runtime, innerKey, instance } = fixture;
    const names = dockerNames(instance, key);
    expect(await runtime.observe(key, signal())).toBe('absent');
    await runtime.create(key, lab, anyProgress, signal());
    await runtime.create(key, lab, anyProgress, signal());
    expect(await runtime.observe(key, signal())).toBe('running');
    expect(await runtime.list(signal())).toEqual([key]);

    {
      using inside = await connectInside(runtime, key, innerKey);
      const changed = await inside.run('sudo touch /opt/installed && echo mine > notes && ls first-app');
      expect(changed).toMatchObject({ status: 0, stdout: expect.stringContaining('deployment.yaml') });
    }
    for (const state of ['suspended', 'running', 'stopped', 'running'] as const) {
      const step = {
        suspended: runtime.suspend,
        stopped: runtime.stop,
        running: (await runtime.observe(key, signal())) === 'suspended' ? runtime.resume : runtime.start,
      }[state];
      await step(key, signal());
      await step(key, signal());
      expect(await runtime.observe(key, signal())).toBe(state);
    }

    const { HostConfig, HostConfig: limits, Config } = await inspect(names.container);
    expect(limits).toMatchObject({ Memory: 256 * MIB, MemorySwap: 256 * MIB, NanoCpus: 5e8, PidsLimit: 200 });
    expect(HostConfig.Privileged).toBe(false);
    expect(JSON.stringify(Config)).not.toContain('docker.sock');
    {
      using inside = await connectInside(runtime, key, innerKey);
      expect(await inside.run('ls /opt/installed && cat notes')).toMatchObject({
        stdout: '/opt/installed\nmine\n',
      });
      const cgroup = 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null';
      expect((await inside.run(cgroup)).stdout.trim()).toBe(String(256 * MIB));
    }

    await runtime.remove(key, signal());
    await runtime.remove(key, signal());
    expect(await runtime.observe(key, signal())).toBe('absent');
    await runtime.create(key, lab, anyProgress, signal());
    using inside = await connectInside(runtime, key, innerKey);
    expect(await inside.run('cat notes; ls /opt/installed')).toMatchObject({ stdout: 'mine\n', status: 2 });
  });

  test('tells what memory a container takes: none when it is stopped', async () => {
    const { runtime } = fixture;
    await runtime.create(key, lab, anyProgress, signal());
    const awake = await runtime.memory(key, signal());
    expect(awake).toBeGreaterThan(0);
    expect(awake).toBeLessThanOrEqual(256 * MIB);
    await runtime.suspend(key, signal());
    expect(await runtime.memory(key, signal())).toBeGreaterThan(0);
    await runtime.stop(key, signal());
    expect(await runtime.memory(key, signal())).toBe(0);
    await runtime.remove(key, signal());
    expect(await runtime.memory(key, signal())).toBe(0);
  });

  test('a stopped container can be removed, and a suspended one stopped', async () => {
    const { runtime } = fixture;
    await runtime.create(key, lab, anyProgress, signal());
    await runtime.suspend(key, signal());
    await runtime.stop(key, signal());
    expect(await runtime.observe(key, signal())).toBe('stopped');
    await runtime.remove(key, signal());
    expect(await runtime.list(signal())).toEqual([]);
  });

  test('a creation that was cut short is made good by the next', async () => {
    const { runtime, engine, instance, innerKey } = fixture;
    const cut = workspaceKey('cut');
    await engine.call({
      what: 'leave half a container',
      signal: signal(),
      request: (docker) =>
        docker.createContainer({ name: dockerNames(instance, cut).container, Image: LAB_IMAGE }),
    });
    expect(await runtime.observe(cut, signal())).toBe('absent');
    await runtime.create(cut, lab, anyProgress, signal());
    using inside = await connectInside(runtime, cut, innerKey);
    expect((await inside.run('true')).status).toBe(0);
  });
});

describe('the inner sshd', { timeout: 5 * MINUTE }, () => {
  const key = workspaceKey('bob');
  beforeAll(() => fixture.runtime.create(key, lab, anyProgress, signal()), 3 * MINUTE);

  test('gives the student the environment of the lab, a login shell and sudo', async () => {
    using inside = await connectInside(fixture.runtime, key, fixture.innerKey);
    const { stdout } = await inside.run(
      'echo "$USER $(sudo id -u) $LAB_HOST $LAB_URL $LAB_HTTPS_URL $LANG $MOTTO"; hostname',
    );
    expect(stdout).toBe(
      'lab 0 bob.localhost http://bob.localhost:8080 https://bob.localhost:8443 C.UTF-8 a "quoted" back\\slash\nfixture\n',
    );
  });

  test('lets nobody in but the gateway, and as nobody but the student', async () => {
    const stranger = createFixture();
    await expect(connectInside(fixture.runtime, key, stranger.innerKey)).rejects.toThrow();
    await expect(connectInside(fixture.runtime, key, fixture.innerKey, 'root')).rejects.toThrow();
  });

  test('carries 100 MiB each way', async () => {
    using inside = await connectInside(fixture.runtime, key, fixture.innerKey);
    const size = 100 * MIB;
    const download = await inside.exec(`head -c ${size} /dev/zero | tee >(sha256sum >&2)`);
    const errors = text(download.stderr as Readable);
    const received = createHash('sha256');
    let bytes = 0;
    for await (const chunk of download) {
      bytes += chunk.length;
      received.update(chunk);
    }
    expect(bytes).toBe(size);
    expect(await errors).toContain(received.digest('hex'));

    const upload = await inside.exec('sleep 1; sha256sum');
    const sent = createHash('sha256');
    const block = randomBytes(MIB);
    async function* blocks() {
      for (let i = 0; i < 100; i++) {
        sent.update(block);
        yield block;
      }
    }
    const answer = text(upload as Readable);
    await pipeline(Readable.from(blocks()), upload);
    expect(await answer).toContain(sent.digest('hex'));
  });

  test('ends with its stream, and its sessions with it', async () => {
    const { runtime, innerKey } = fixture;
    using watcher = await connectInside(runtime, key, innerKey);
    const doomed = await connectInside(runtime, key, innerKey);
    await doomed.exec('exec sleep 4711');
    const sleepers = async () => (await watcher.run('pgrep -fc "^sleep 4711"')).stdout.trim();
    await expect.poll(sleepers).toBe('1');
    doomed.client.destroy();
    // A command without a terminal is not told; its sshd is gone, as on any server.
    const daemons = async () => Number((await watcher.run('pgrep -c sshd')).stdout.trim());
    await expect.poll(daemons).toBeLessThanOrEqual(2);
  });

  test('survives a pause with its sessions', async () => {
    const { runtime, innerKey } = fixture;
    using inside = await connectInside(runtime, key, innerKey);
    await runtime.suspend(key, signal());
    await expect(runtime.openSshd(key, {}, signal())).rejects.toMatchObject({ code: 'CONTAINER_FAILED' });
    await runtime.resume(key, signal());
    expect((await inside.run('echo still here')).stdout).toBe('still here\n');
  });

  test('works again after a stop emptied /run and with a new key of the gateway', async () => {
    const { runtime, innerKey } = fixture;
    {
      using inside = await connectInside(runtime, key, innerKey);
      await inside.run('sudo rm -rf /run/sshd; echo rubbish | sudo tee /etc/ssh-lab-factory/authorized_keys');
    }
    using again = await connectInside(runtime, key, innerKey);
    expect((await again.run('true')).status).toBe(0);
  });
});

describe('the way in without sshd', { timeout: 5 * MINUTE }, () => {
  const key = workspaceKey('carol');
  beforeAll(() => fixture.runtime.create(key, lab, anyProgress, signal()), 3 * MINUTE);

  test('keeps the outputs apart, passes input and its end, and gives the exit status', async () => {
    const command = ['/bin/sh', '-c', 'cat; echo oops >&2; id -u; exit 7'];
    const stream = await fixture.runtime.exec(key, command, undefined, signal());
    stream.stdin.end('hello\n');
    const [stdout, stderr, status] = await Promise.all([
      text(stream.stdout),
      text(stream.stderr),
      stream.exit(),
    ]);
    expect({ stdout, stderr, status }).toEqual({ stdout: 'hello\n0\n', stderr: 'oops\n', status: 7 });
  });

  test('has a terminal of the size asked for', async () => {
    const pty = { columns: 101, rows: 37, term: 'xterm' };
    const stream = await fixture.runtime.exec(key, ['/bin/sh'], pty, signal());
    await stream.resize(90, 30);
    stream.stdin.write('stty size; echo $TERM; exit 3\r');
    const [stdout, status] = await Promise.all([text(stream.stdout), stream.exit()]);
    expect(stdout).toContain('30 90\r\nxterm');
    expect(status).toBe(3);
  });

  test('a reader that stops stops the command, and memory stays bounded', async () => {
    const { runtime } = fixture;
    const writer = ['/bin/sh', '-c', `head -c ${100 * MIB} /dev/zero; echo finished >&2`];
    const stream = await runtime.exec(key, writer, undefined, signal());
    let finished = false;
    stream.stderr.on('data', () => {
      finished = true;
    });
    const before = process.memoryUsage().arrayBuffers;
    await once(stream.stdout, 'readable');
    await delay(1_000);
    expect(finished).toBe(false);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MIB);
    expect(await byteCount(stream.stdout)).toBe(100 * MIB);
    expect(await stream.exit()).toBe(0);
    expect(finished).toBe(true);
  });

  test('a reader that comes when the command has ended long ago misses nothing', async () => {
    const { runtime, engine, instance } = fixture;
    const stream = await runtime.exec(key, ['head', '-c', '30000', '/dev/zero'], undefined, signal());
    const running = () =>
      engine.call({
        what: 'look',
        signal: signal(),
        request: (docker) => docker.getContainer(dockerNames(instance, key).container).top(),
      });
    await expect.poll(async () => JSON.stringify(await running())).not.toContain('head -c');
    stream.stdin.write('too late');
    expect(await byteCount(stream.stdout)).toBe(30_000);
  });
});

async function byteCount(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

describe('joining a cluster', { timeout: 5 * MINUTE }, () => {
  test('takes the address, keeps it, changes it; the kubeconfig is the student’s, never over their own, and no shell of theirs holds it up', async () => {
    const { runtime, engine, instance, subnets, innerKey } = fixture;
    const key = workspaceKey('dora');
    await runtime.create(key, lab, anyProgress, signal());
    const names = dockerNames(instance, key);
    using subnet = await subnets.reserve(signal());
    const network = await engine.call({
      what: 'make a network',
      signal: signal(),
      request: (docker) =>
        docker.createNetwork({
          Name: names.clusterNetwork,
          Labels: { 'ssh-lab-factory.instance': instance },
          IPAM: { Config: [{ Subnet: subnet.cidr }] },
        }),
    });
    const attach = (n: number, kubeconfig: string) =>
      runtime.attach(key, { network: names.clusterNetwork, address: subnet.host(n), kubeconfig }, signal());
    const addressNow = async () =>
      (await inspect(names.container)).NetworkSettings.Networks[names.clusterNetwork]?.IPAddress;
    const look =
      'stat -L -c "%U %a" /etc/ssh-lab-factory/kubeconfig; cat ~/.kube/config; sudo cat /root/.kube/config';

    using inside = await connectInside(runtime, key, innerKey);
    await attach(14, 'first');
    expect((await inside.run(look)).stdout).toBe('lab 600\nfirstfirst');
    await attach(14, 'second');
    expect((await inside.run(look)).stdout).toBe('lab 600\nsecondsecond');
    expect(await addressNow()).toBe(subnet.host(14));
    await attach(13, 'third');
    expect(await addressNow()).toBe(subnet.host(13));
    await inside.run('rm ~/.kube/config; echo own > ~/.kube/config');
    await attach(13, 'fourth');
    expect((await inside.run(look)).stdout).toBe('lab 600\nown\nfourth');

    // The same again changes nothing; what is gone comes back, and of what was before nothing is left.
    await inside.run('echo namespace >>/etc/ssh-lab-factory/kubeconfig');
    await attach(13, 'fourth');
    expect((await inside.run(look)).stdout).toBe('lab 600\nown\nfourthnamespace\n');
    await inside.run('sudo rm /etc/ssh-lab-factory/kubeconfig');
    await attach(13, 'fourth');
    expect((await inside.run(`${look}; ls /etc/ssh-lab-factory/kubeconfig*`)).stdout).toMatch(
      /^lab 600\nown\nfourth\S+\/kubeconfig\n\S+\.v-[0-9a-f]{16}\n$/,
    );

    await inside.run(
      "printf '#!/bin/bash\\nsleep 1000\\n' >/tmp/asleep; chmod +x /tmp/asleep; sudo ln -sf /tmp/asleep /bin/sh",
    );
    await expect(attach(13, 'fifth')).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('the machine is busy, or a shell'),
    });
    await inside.run('sudo ln -sf dash /bin/sh');

    await runtime.stop(key, signal());
    await network.remove();
    await runtime.start(key, signal());
    expect(await runtime.observe(key, signal())).toBe('running');
  });
});

describe('what goes wrong', { timeout: 5 * MINUTE }, () => {
  test('an image without sshd is named with the line to add, and nothing is left', async () => {
    const { runtime, instance, engine } = fixture;
    const key = workspaceKey('eve');
    const plain = labDefinition('sshlab-testbed/node-base:bookworm');
    await expect(runtime.create(key, plain, anyProgress, signal())).rejects.toMatchObject({
      code: 'LAB_IMAGE_WITHOUT_SSHD',
      message: expect.stringContaining('RUN apt-get update && apt-get install -y openssh-server'),
    });
    const left = await engine.call({
      what: 'list',
      signal: signal(),
      request: (docker) =>
        docker.listContainers({ all: true, filters: { name: [dockerNames(instance, key).container] } }),
    });
    expect(left).toEqual([]);
  });

  test('an image that nobody has is named with the command that builds it', async () => {
    const missing = labDefinition('ssh-lab-factory/no-such-image');
    await expect(
      fixture.runtime.create(workspaceKey('frank'), missing, anyProgress, signal()),
    ).rejects.toMatchObject({
      code: 'LAB_IMAGE_MISSING',
      message: expect.stringContaining('docker build -t ssh-lab-factory/no-such-image'),
    });
  });

  test('an engine that is not there', async () => {
    const dead = createDockerEngine({ socketPath: '/nowhere/docker.sock' });
    const ping = dead.call({ what: 'answer', signal: signal(), request: (docker) => docker.ping() });
    await expect(ping).rejects.toMatchObject({ code: 'DOCKER_UNAVAILABLE' });
  });

  test('an abort ends the wait at once', async () => {
    const aborted = AbortSignal.abort(new Error('gone'));
    await expect(fixture.runtime.observe(workspaceKey('gone'), aborted)).rejects.toThrow('gone');
  });
});

test('events name the workspace that changed, and end with the signal', { timeout: 5 * MINUTE }, async () => {
  const { engine, instance, runtime } = fixture;
  const key = workspaceKey('hal');
  const changed: string[] = [];
  const end = new AbortController();
  const { promise: connected, resolve } = Promise.withResolvers<void>();
  const watching = watchDockerEvents({
    engine,
    instance,
    logger: createLogger('error'),
    onChange: ({ user }) => changed.push(user),
    onOtherChange: () => undefined,
    onConnected: resolve,
    signal: end.signal,
  });
  await connected;
  await runtime.create(key, lab, anyProgress, signal());
  await expect.poll(() => changed).toEqual(['hal']);
  end.abort();
  await watching;
});
