import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FactoryError } from '../errors/factory-error.ts';
import { findLabs } from '../labs/load-labs.ts';
import { parseLabName } from '../names/lab-name.ts';
import { ownerName } from './default-config.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'groups-'));
  await mkdir(join(folder, 'labs/plain'), { recursive: true });
  await writeFile(join(folder, 'labs/plain/lab.yaml'), 'container: { image: lab }\n');
});
afterEach(() => rm(folder, { recursive: true }));

async function load(groups: string, loadedLabs?: readonly string[]): Promise<LoadedConfig> {
  await writeFile(join(folder, 'factory.yaml'), `labs: [labs]\ngroups:\n${groups}\n`);
  return loadConfig({
    file: 'factory.yaml',
    workingFolder: folder,
    defaults: {
      owner: ownerName('ida').user,
      images: { node: 'n', traefik: 't' },
      labs: '/none',
      lab: parseLabName('k3s'),
    },
    findLabs,
    env: {},
    ...(loadedLabs && { loadedLabs: loadedLabs.flatMap((name) => parseLabName(name) ?? []) }),
  });
}

async function mistakesIn(groups: string): Promise<string> {
  const error: unknown = await load(groups).catch((thrown: unknown) => thrown);
  if (!(error instanceof FactoryError)) throw new Error('no mistake was found', { cause: error });
  return error.message;
}

test('a group has a role, a roster, and settings of its own', async () => {
  await writeFile(join(folder, 'class.csv'), 'Name;Login\r\nC;carol\r\nA;alice\r\nC;carol\r\n');
  const { config, remarks } = await load(`
  - name: class
    role: instructor
    members: [Alice]
    roster: { file: class.csv, column: login }
    overrides:
      env: { COURSE: one }
      container: { limits: { memory: 2Gi } }
      cluster: { limits: { cpus: 1.5, pids: 4096 } }
      lifecycle: { grace: 5m, stop_after: never }`);
  expect(config.groups).toEqual([
    {
      name: 'class',
      role: 'instructor',
      members: ['alice', 'carol'],
      roster: {
        file: join(folder, 'class.csv'),
        members: [
          { user: 'carol', line: 2, column: 3 },
          { user: 'alice', line: 3, column: 3 },
        ],
      },
      labs: ['plain'],
      defaultLab: undefined,
      overrides: {
        env: { COURSE: 'one' },
        container: { memory: 2 * 2 ** 30 },
        cluster: { cpus: 1.5, pids: 4096 },
        lifecycle: { grace: 300_000, stop_after: 'never' },
      },
    },
  ]);
  expect(remarks).toMatchObject([{ file: join(folder, 'class.csv'), line: 4, column: 3 }]);
});

test('a path is enough for a roster', async () => {
  await writeFile(join(folder, 'class.csv'), 'username\ncarol\n');
  const { config } = await load('  - { name: class, roster: class.csv }');
  expect(config.groups).toMatchObject([{ role: 'student', members: ['carol'] }]);
});

test('a running factory holds the groups against the labs that it has, whatever the folders hold', async () => {
  const { config } = await load(
    '  - { name: a, members: [al], labs: [other] }\n  - { name: b, members: [bo] }',
    ['other', 'more'],
  );
  expect(config.groups.map(({ labs }) => labs)).toEqual([['other'], ['other', 'more']]);
  await expect(load('  - { name: a, members: [al], labs: [plain] }', ['other'])).rejects.toThrow(
    'factory.yaml:3:38: groups[0].labs[0]: this factory was started without a lab "plain"; there are: other',
  );
});

test('a group of nobody is a mistake', async () => {
  expect(await mistakesIn('  - { name: a, role: admin }')).toBe(
    'factory.yaml:3:5: groups[0].members: is missing; it must be a list, or give a roster',
  );
});

// § is where the mistake is said to be.
test.each([
  ['members: [al], §rolle: admin', 'rolle: there is no such key; did you mean "role"?'],
  ['members: [al], role: §teacher', 'role: must be one of: student, instructor, admin'],
  ['roster: §no.csv', 'roster: there is no such file; make it, or mend the path'],
  ['roster: { file: §labs }', 'roster.file: is no file; it must be a CSV file'],
  ['roster: §[a.csv]', 'roster: must be a set of keys, not a list'],
  ['roster: { §fille: a }', 'roster.fille: there is no such key; did you mean "file"?'],
  [
    'members: [al], overrides: { §environment: {} }',
    'overrides.environment: there is no such key; there are: env, container, cluster, lifecycle',
  ],
  [
    'members: [al], overrides: { container: { limits: { §memry: 1Gi } } }',
    'overrides.container.limits.memry: there is no such key; did you mean "memory"?',
  ],
  [
    'members: [al], overrides: { container: { limits: { memory: §1 } } }',
    'overrides.container.limits.memory: must be a size such as 512Mi or 2Gi, not a number',
  ],
  [
    'members: [al], overrides: { cluster: { limits: { cpus: §0 } } }',
    'overrides.cluster.limits.cpus: must be at least 0.05',
  ],
  [
    'members: [al], overrides: { env: { §1X: a } }',
    'overrides.env.1X: is no name of an environment variable',
  ],
  [
    'members: [al], overrides: { env: { X: §1 } }',
    'overrides.env.X: must be text, not a number; put it in quotes',
  ],
  ['members: [al], overrides: { env: { X: §"a\\0" } }', 'overrides.env.X: must not hold a NUL character'],
  [
    'members: [al], overrides: { lifecycle: { grace: §soon } }',
    'overrides.lifecycle.grace: must be a time such as 500ms, 60s, 30m, 12h or 7d',
  ],
])('a mistake in a group has its place: { %s }', async (marked, mistake) => {
  const line = `  - { name: a, ${marked} }`;
  const message = await mistakesIn(line.replace('§', ''));
  expect(message.split('\n')).toContain(`factory.yaml:3:${line.indexOf('§') + 1}: groups[0].${mistake}`);
});

test('mistakes in a roster have their places in it', async () => {
  await writeFile(join(folder, 'class.csv'), 'name,username\nL,alice\nB,b_b\n"C, C",-c\n');
  const name = 'is no user name; it has letters, digits and single hyphens between them, at most 39';
  expect(await mistakesIn('  - { name: a, roster: class.csv }')).toBe(
    [`class.csv:3:3: username: "b_b" ${name}`, `class.csv:4:8: username: "-c" ${name}`].join('\n'),
  );
});
