import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import { Workspace } from './harness/workspace.ts';

const stack = new AsyncDisposableStack();
let factory: Factory;

const CLASS = {
  name: 'class',
  members: ['alice'],
  roster: { file: 'class.csv', column: 'login' },
  labs: ['plain'],
  overrides: { env: { COURSE: 'one' }, container: { limits: { memory: '256Mi' } } },
};

beforeAll(async () => {
  factory = stack.use(
    await Factory.start({
      grace: '2s',
      labs: { plain: { ...PLAIN_LAB, lifecycle: { max_session: '2h' } } },
      groups: [{ name: 'class', members: ['alice'], labs: ['plain'] }],
    }),
  );
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => factory.showLogOnFailure(context));

/** Writes the groups as an editor does: a new file takes the place of the old one. */
async function setGroups(groups: unknown): Promise<void> {
  const file = join(factory.folder, 'factory.yaml');
  const config: unknown = parse(await readFile(file, 'utf8'));
  await writeFile(`${file}~`, stringify({ ...Object(config), groups }));
  await rename(`${file}~`, file);
}

async function configuration(): Promise<{ readonly problem: { readonly message: string } | null }> {
  return JSON.parse((await runFactory(factory.folder, ['status', '--json'])).stdout).configuration;
}

async function comesIn(name: string): Promise<void> {
  const student = await factory.student(name);
  await eventually(async () => (await student.exec('true')).exitCode === 0, {
    what: `${name} comes in`,
  });
}

test('who is added comes in without a restart, by name and by a roster; with what their group says', async () => {
  const alice = await factory.student('alice');
  const bob = await factory.student('bob');
  expect(await alice.run('echo "<$COURSE>"')).toBe('<>');
  expect((await bob.exec('true')).stderr).toContain('There is no lab for bob here');

  await writeFile(join(factory.folder, 'class.csv'), '\ufeffname;login\r\n"B, Bob";BOB\r\n');
  await setGroups([CLASS]);
  await comesIn('bob');
  expect(await bob.run('echo "<$COURSE>"')).toBe('<one>');
  const { HostConfig } = await new Workspace(factory, 'bob', 'plain').labContainer();
  expect(HostConfig.Memory).toBe(256 * 2 ** 20);

  await setGroups([{ ...CLASS, roster: undefined }]);
  await eventually(async () => (await bob.exec('true')).stderr.includes('There is no lab for bob'), {
    what: 'bob is refused',
  });
  await alice.run('true');
});

test('a file with a mistake leaves everybody as they are, and the status names its line', async () => {
  const alice = await factory.student('alice');
  await setGroups([{ ...CLASS, roster: undefined, members: ['alice', 'b_b'] }]);
  await eventually(async () => (await configuration()).problem !== null, {
    what: 'it is noticed',
  });
  expect((await configuration()).problem?.message).toMatch(
    /^factory\.yaml:\d+:\d+: groups\[0\]\.members\[1\]: is no user name/,
  );
  expect((await runFactory(factory.folder, ['status'])).stdout).toContain('the configuration has a mistake');
  await factory.logs('"kept":"the groups as they were before"');
  await alice.run('true');

  await setGroups([{ ...CLASS, roster: undefined, members: ['alice', 'carol'] }]);
  await comesIn('carol');
  expect((await configuration()).problem).toBeNull();
});

test('factory who tells of a running factory what it has, and of a mistyped name that it is none', async () => {
  await setGroups([{ ...CLASS, roster: undefined, members: ['alice', 'dora'] }]);
  await comesIn('dora');
  const { stdout } = await runFactory(factory.folder, ['who', 'dora']);
  const said = stdout.replace(/ {2,}/g, ' ');
  expect(said).toMatch(/^dora\nWith one of the keys a login leads to dora\/plain\.\n/);
  expect(said).toMatch(/\nsource this factory\nkeys ssh-ed25519 SHA256:\S{43}\n/);
  expect(said).toMatch(/\nclass student named \(factory\.yaml:\d+\)\n/);
  expect(said).toMatch(/\n container\.limits\.memory 256 MiB group "class" factory\.yaml:\d+\n/);
  expect(said).toMatch(/\n container\.limits\.cpus 1 labs\/plain\/lab\.yaml:\d+\n/);
  expect(said).toMatch(/\n lifecycle\.max_session 2 h labs\/plain\/lab\.yaml:\d+\n/);
  expect(said).toMatch(/\n lifecycle\.grace 2 s factory\.yaml:\d+\n/);
  expect(said).toMatch(/\n container\.home kept default\n/);

  const { stdout: json } = await runFactory(factory.folder, ['who', 'doora', '--json']);
  expect(JSON.parse(json)).toMatchObject({
    login: { outcome: 'refused' },
    source: { state: 'unknown' },
    groups: [],
  });
  const start = (user: string) => runFactory(factory.folder, ['workspace', 'start', `${user}/plain`]);
  expect(await start('doora')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no group gives doora the lab plain/),
  });
  await setGroups([{ name: 'all', members: ['*'], labs: ['plain'] }]);
  await eventually(async () => /no source knows a user doora/.test((await start('doora')).stderr), {
    what: 'of everybody a source must know them',
  });
  expect(await start('alice')).toMatchObject({ code: 0 });
});
