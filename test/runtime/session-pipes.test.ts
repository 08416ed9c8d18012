import { mkdir, readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerNames } from '../../src/names/docker-names.ts';
import { makeNamedPipes } from '../../src/runtime/docker/sessions/pipes/named-pipes.ts';
import { PipeFolders } from '../../src/runtime/docker/sessions/pipes/pipe-folders.ts';
import { connectInside } from './inner-client.ts';
import { anyProgress, createFixture, debianLab, type RuntimeFixture, workspaceKey } from './lab-fixture.ts';

const MINUTE = 60_000;
const FOLDER = '/etc/ssh-lab-factory/pipes';
const key = workspaceKey('alice');
const signal = () => AbortSignal.timeout(2 * MINUTE);
let fixture: RuntimeFixture;

beforeAll(async () => {
  fixture = createFixture();
  await fixture.runtime.create(key, debianLab({}), anyProgress, signal());
}, 3 * MINUTE);
afterAll(() => fixture[Symbol.asyncDispose](), 3 * MINUTE);

/** As root, without sshd. */
async function inside(script: string): Promise<string> {
  const exec = await fixture.runtime.exec(key, ['sh', '-c', script], undefined, signal());
  exec.stderr.resume();
  const output = await text(exec.stdout);
  await exec.exit();
  return output.trim();
}

/** The named pipes that its sshd have open; told from the host, because sshd lets nobody in the container look. */
async function streams(): Promise<readonly string[]> {
  const { Processes } = await fixture.engine.call({
    what: 'look',
    signal: signal(),
    request: (docker) =>
      docker.getContainer(dockerNames(fixture.instance, key).container).top({ ps_args: '-eo pid,user,comm' }),
  });
  const daemons: string[][] = Processes.filter((fields: string[]) => fields.at(-1) === 'sshd');
  const open = daemons.map(async ([pid]) => {
    const files = await readdir(`/proc/${pid}/fd`);
    // One that is closed meanwhile is none of these.
    return Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
  });
  const paths = (await Promise.all(open)).flat();
  return [...new Set(paths.flatMap((path) => /[0-9a-f-]{36}\.(in|out)\b/.exec(path)?.[0] ?? []))].sort();
}
const pipesOnHost = () => readdir(join(fixture.pipesFolder, `${key.user}.${key.lab}`));

test('a session speaks over pipes of its own, whose names are gone, and which end with it', async () => {
  {
    using session = await connectInside(fixture.runtime, key, fixture.innerKey);
    expect((await session.run('echo hello')).stdout).toBe('hello\n');
    const [input, output] = await streams();
    expect(input).toMatch(/\.in$/);
    expect(output).toBe(input?.replace(/in$/, 'out'));
    await expect.poll(pipesOnHost).toEqual([]);
  }
  await expect.poll(streams).toEqual([]);
});

test('root in the container can put nothing there, and can in the folder above', async () => {
  const tries = `touch ${FOLDER}/x; mkfifo ${FOLDER}/y; touch ${FOLDER}/../x && echo above; ls ${FOLDER}`;
  expect(await inside(tries)).toBe('above');
  expect(await pipesOnHost()).toEqual([]);
});

test.each(['there is', 'there is no'])(
  'a container of an earlier version is reached through the engine; %s folder for it',
  async (there) => {
    const bob = workspaceKey(there === 'there is' ? 'bob' : 'carol');
    await fixture.withoutPipes.create(bob, debianLab({}), anyProgress, signal());
    if (there === 'there is') await mkdir(join(fixture.pipesFolder, `${bob.user}.${bob.lab}`));
    using session = await connectInside(fixture.runtime, bob, fixture.innerKey);
    expect((await session.run('echo hello')).stdout).toBe('hello\n');
  },
  5 * MINUTE,
);

test(
  'a container starts again whose folder is gone, and its sessions have pipes',
  async () => {
    await fixture.runtime.stop(key, signal());
    await rm(fixture.pipesFolder, { recursive: true });
    await fixture.runtime.start(key, signal());
    using session = await connectInside(fixture.runtime, key, fixture.innerKey);
    expect((await session.run('echo hello')).stdout).toBe('hello\n');
    expect(await streams()).toHaveLength(2);
  },
  5 * MINUTE,
);

test(
  'what a killed factory left is swept, and the folder goes with the workspace',
  async () => {
    const left = await makeNamedPipes(join(fixture.pipesFolder, `${key.user}.${key.lab}`), signal());
    left.from.destroy();
    left.to.destroy();
    expect(await pipesOnHost()).toHaveLength(2);
    await new PipeFolders(fixture.pipesFolder).sweep();
    expect(await pipesOnHost()).toEqual([]);
    await fixture.runtime.remove(key, signal());
    await fixture.runtime.erase(key, { home: true }, signal());
    await expect(pipesOnHost()).rejects.toThrow('ENOENT');
  },
  5 * MINUTE,
);
