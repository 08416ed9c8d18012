import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MountDefinition } from '../../src/labs/lab-definition.ts';
import { dockerNames } from '../../src/names/docker-names.ts';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import { connectInside } from './inner-client.ts';
import { anyProgress, createFixture, debianLab, type RuntimeFixture, workspaceKey } from './lab-fixture.ts';

const MINUTE = 60_000;
const signal = () => AbortSignal.timeout(2 * MINUTE);
let fixture: RuntimeFixture;
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lab-walls-')));

beforeAll(() => {
  fixture = createFixture();
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}, 3 * MINUTE);

const create = (key: WorkspaceKey, container: Parameters<typeof debianLab>[0]) =>
  fixture.runtime.create(key, debianLab(container), anyProgress, signal());
const inside = (key: WorkspaceKey, env = {}) =>
  connectInside(fixture.runtime, key, fixture.innerKey, 'lab', env);
const inspect = (key: WorkspaceKey) =>
  fixture.engine.call({
    what: 'look',
    signal: signal(),
    request: (docker) => docker.getContainer(dockerNames(fixture.instance, key).container).inspect(),
  });

describe('root', { timeout: 5 * MINUTE }, () => {
  test.each([
    ['sudo', '0', '0'],
    ['none', '', '1000'],
  ] as const)(
    '%s: who a session can become, and who comes in without sshd',
    async (root, byProgram, byExec) => {
      const key = workspaceKey(`root-${root}`);
      await create(key, { root });
      using session = await inside(key);
      expect((await session.run('whoami')).stdout).toBe('lab\n');
      expect((await session.run('sudo -n id -u')).stdout.trim()).toBe(byProgram);
      const plain = await fixture.runtime.exec(key, ['id', '-u'], undefined, signal());
      expect((await text(plain.stdout)).trim()).toBe(byExec);
      const pty = { columns: 80, rows: 24, term: 'xterm' };
      const terminal = await fixture.runtime.exec(key, ['id', '-u'], pty, signal());
      expect((await text(terminal.stdout)).trim()).toBe(byExec);
    },
  );
});

test('a fresh home has what the image has, and goes with its container; a kept one is found again', {
  timeout: 5 * MINUTE,
}, async () => {
  const key = workspaceKey('fresh');
  const { runtime, engine, instance } = fixture;
  const volumes = () =>
    engine.call({
      what: 'list',
      signal: signal(),
      request: async (docker) => {
        const filters = { name: [dockerNames(instance, key).homeVolume] };
        return (await docker.listVolumes({ filters })).Volumes.length;
      },
    });
  for (const [home, left] of [
    ['fresh', ''],
    ['kept', ''],
    ['kept', 'mine\n'],
    ['fresh', ''],
    ['kept', 'mine\n'],
  ] as const) {
    await create(key, { home });
    {
      using session = await inside(key);
      expect((await session.run('cat mine')).stdout).toBe(left);
      expect(
        (await session.run('stat -c "%U %a" ~; ls -A ~ | grep -c profile; echo mine >mine')).stdout,
      ).toMatch(/^lab 7\d\d\n1\n$/);
    }
    await runtime.remove(key, signal());
  }
  expect(await volumes()).toBe(1);
  await runtime.erase(key, { home: true }, signal());
  await runtime.erase(key, { home: true }, signal());
  expect(await volumes()).toBe(0);
  await create(key, { home: 'fresh' });
  await runtime.remove(key, signal());
  expect(await volumes()).toBe(0);
});

describe('mounts', { timeout: 5 * MINUTE }, () => {
  const data = join(folder, 'data');
  const own = join(folder, 'own');
  mkdirSync(data);
  mkdirSync(own);
  const mount = (source: string, target = '/data', readOnly = false): MountDefinition => ({
    source,
    target,
    readOnly,
  });

  test('a folder and a file of the host are there, and what is read-only stays as it is, for root as well', async () => {
    const key = workspaceKey('mounts');
    await writeFile(join(data, 'book'), 'read me\n');
    await create(key, {
      mounts: [mount(data, '/data', true), mount(join(data, 'book'), '/etc/book', true), mount(own, '/own')],
    });
    using session = await inside(key);
    const { stdout } = await session.run(
      'cat /data/book /etc/book; for file in /data/book /data/new /etc/book /own/new; do echo x | sudo tee $file >/dev/null 2>&1 && echo $file; done',
    );
    expect(stdout).toBe('read me\nread me\n/own/new\n');
    expect(await readFile(join(data, 'book'), 'utf8')).toBe('read me\n');
    const { HostConfig } = await inspect(key);
    expect(HostConfig.Mounts?.map(({ BindOptions }) => BindOptions?.Propagation)).toEqual([
      undefined,
      'rprivate',
      'rprivate',
      'rprivate',
      'rprivate',
    ]);
  });

  test.each([
    ['a link', async (path: string) => symlink(data, path)],
    ['nothing', async () => {}],
    ['a socket', listenThere],
  ])('%s in its place is refused, and nothing is left', async (_what, put) => {
    const path = join(folder, `refused-${Math.random()}`);
    const end = await put(path);
    const key = workspaceKey('refused');
    await expect(create(key, { mounts: [mount(path)] })).rejects.toMatchObject({ code: 'LAB_INVALID' });
    expect(await fixture.runtime.observe(key, signal())).toBe('absent');
    end?.();
  });

  test.each([
    ['/var/run', '/data'],
    ['/run', '/data'],
    ['/', '/data'],
    ['/run/docker.sock', '/data'],
    ['/var/run/docker.sock', '/data'],
    [own, '/home'],
    [own, '/home/lab'],
    [own, '/etc'],
    [own, '/etc/ssh-lab-factory/more'],
    [own, '/run'],
  ])('%s at %s is refused', async (source, target) => {
    const key = workspaceKey('refused');
    await expect(create(key, { mounts: [mount(source, target)] })).rejects.toMatchObject({
      code: 'LAB_INVALID',
    });
  });

  test('what is behind a link is refused, though it is a folder itself', async () => {
    const link = join(folder, 'link-to-all');
    await symlink(folder, link);
    const key = workspaceKey('refused');
    await expect(create(key, { mounts: [mount(join(link, 'own'))] })).rejects.toMatchObject({
      code: 'LAB_INVALID',
    });
    await create(key, { mounts: [mount(own)] });
    await fixture.runtime.remove(key, signal());
  });

  test('a link that a student put there while the container was stopped is not followed', async () => {
    const key = workspaceKey('swapped');
    const shared = join(folder, 'shared');
    mkdirSync(shared);
    await create(key, { mounts: [mount(shared)] });
    await fixture.runtime.stop(key, signal());
    await rename(shared, `${shared}.was`);
    await symlink('/etc', shared);
    await expect(fixture.runtime.start(key, signal())).rejects.toMatchObject({ code: 'LAB_INVALID' });
    await expect(create(key, {})).rejects.toMatchObject({ code: 'LAB_INVALID' });
    expect(await fixture.runtime.observe(key, signal())).toBe('stopped');
    await rm(shared);
    await rename(`${shared}.was`, shared);
    await fixture.runtime.start(key, signal());
    expect(await fixture.runtime.observe(key, signal())).toBe('running');
  });
});

async function listenThere(path: string): Promise<() => void> {
  const server = createSocket();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return () => server.close();
}

describe('egress', { timeout: 5 * MINUTE }, () => {
  test('none: nothing but the container itself is in reach; a network of the other kind is made anew', async () => {
    const key = workspaceKey('egress');
    const server = createServer((_request, response) => response.end('reached'));
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const { port } = server.address() as AddressInfo;
    const network = () =>
      fixture.engine.call({
        what: 'look',
        signal: signal(),
        request: (docker) => docker.getNetwork(dockerNames(fixture.instance, key).network).inspect(),
      });
    for (const egress of ['open', 'none', 'open'] as const) {
      await create(key, { egress });
      const { Internal, IPAM } = await network();
      const gateway = String(IPAM?.Config?.[0]?.Gateway);
      const { HostConfig } = await inspect(key);
      const isOpen = egress === 'open';
      expect({ Internal, Dns: HostConfig.Dns }).toEqual({
        Internal: !isOpen,
        Dns: isOpen ? null : ['127.0.0.1'],
      });
      using session = await inside(key);
      // The host by its address on the bridge, which is also where all else would go through.
      const reach = `timeout ${isOpen ? 30 : 2} bash -c 'exec 3<>/dev/tcp/${gateway}/${port}; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3'`;
      expect((await session.run(reach)).stdout.includes('reached')).toBe(isOpen);
      expect((await session.run('getent hosts $(hostname) localhost | wc -l')).stdout.trim()).toBe('2');
      // 2: there is no such name. A name server that is waited for would be so for ten seconds, as resolv.conf(5) says.
      const lookUp = 'timeout 9 getent hosts example.org';
      if (!isOpen) expect((await session.run(lookUp)).status).toBe(2);
      await fixture.runtime.remove(key, signal());
    }
    server.close();
  });
});

describe('the environment of a session', { timeout: 5 * MINUTE }, () => {
  test('is the factory’s, then the session’s, then the lab’s; values may have lines, quotes and more', async () => {
    const key = workspaceKey('env');
    const odd = ' two\n\n"lines" of \\ $HOME `id` #x\t=\n';
    await create(key, { env: { LAB_USER: 'of the lab', A: 'of the lab', ODD: odd, ONLY: 'lab' } });
    const own = {
      LAB_USER: 'of the session',
      A: 'of the session',
      MORE: odd,
      'NO NAME': 'x',
      LONG: 'x'.repeat(32_768),
    };
    using session = await inside(key, own);
    const { stdout } = await session.run(
      'printf "%s|" "$LAB_USER" "$A" "$ODD" "$MORE" "$ONLY" "$(printenv LONG | wc -c)"',
    );
    expect(stdout.split('|')).toEqual(['env', 'of the session', odd, odd, 'lab', '32769', '']);
    using other = await inside(key);
    expect((await other.run('printf "%s|" "$A" "$MORE"')).stdout).toBe('of the lab||');
  });

  test('locks nobody out, however much there is of it', async () => {
    const key = workspaceKey('much');
    await create(key, { env: { LAB: '"'.repeat(20_000) } });
    const much = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`V${n}`, '"\n'.repeat(5_000)]));
    using session = await inside(key, much);
    expect((await session.run('printenv LAB | wc -c; printenv V0 | wc -c')).stdout).toBe('20001\n10001\n');
    await expect(create(workspaceKey('more'), { env: { LAB: 'x'.repeat(50_000) } })).rejects.toMatchObject({
      code: 'LAB_INVALID',
    });
  });
});
