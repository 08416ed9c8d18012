import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startControlServer } from '../../control/control-server.ts';
import { controlSocket } from '../../control/control-socket.ts';
import { IDLE_TARGET } from '../../control/testing/idle-target.ts';
import { readPublicKey } from '../../identity/public-key.ts';
import { createLogger } from '../../logging/logger.ts';
import type { WhoReport } from '../../who/who-schema.ts';
import { runProgram } from '../testing/run-program.ts';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIE0kTfqyLAB3kLyY7+9yoJxRNyzbkKFQmUeqnjDVGwsj';
const FINGERPRINT = (() => {
  const reading = readPublicKey(Buffer.from(KEY, 'base64'));
  return reading.kind === 'usable' ? reading.key.fingerprint : expect.fail();
})();

const CONFIG = `data: ./data
identity: [{ files: ./keys }]
labs: [labs]
groups:
  - name: class
    roster: class.csv
    labs: [one]
    overrides:
      env: { COURSE: "a\\tb" }
      container: { limits: { memory: 2Gi } }
      lifecycle: { grace: 5m }
  - name: helpers
    members: [carol, dora]
    role: instructor
    overrides: { lifecycle: { grace: 1m } }
  - { name: all, members: ["*"], labs: [two] }
lifecycle: { stop_after: 1h }
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'who-'));
  for (const lab of ['labs/one', 'labs/two', 'keys']) await mkdir(join(folder, lab), { recursive: true });
  await writeFile(join(folder, 'labs/one/lab.yaml'), 'container:\n  image: one\n  env: { PLACE: here }\n');
  await writeFile(
    join(folder, 'labs/two/lab.yaml'),
    'container: { image: two }\nlifecycle: { stop_after: never }\n',
  );
  for (const user of ['alice', 'bob', 'carol']) {
    await writeFile(
      join(folder, `keys/${user}.keys`),
      user === 'bob' ? '' : `ssh-ed25519 ${KEY} a comment\n`,
    );
  }
  await writeFile(join(folder, 'class.csv'), 'username\nalice\nbob\n');
  await writeFile(join(folder, 'factory.yaml'), CONFIG);
});
afterEach(() => rm(folder, { recursive: true }));

async function who(...args: string[]): Promise<string> {
  const { said, error } = await runProgram(folder, ['who', ...args, '--config', 'factory.yaml']);
  if (error !== undefined) throw error;
  return stripVTControlCharacters(said);
}

const whoIs = async (user: string): Promise<WhoReport> => JSON.parse(await who(user, '--json'));

describe('factory who, without a factory', () => {
  test('tells a person all of it in lines', async () => {
    const text = await who('alice');
    const lines = text.split('\n').map((line) => line.replace(/ {2,}/g, '  ').trim());
    expect(lines.slice(0, 10)).toEqual([
      'alice',
      'With one of the keys a login that names no lab has the choice of one, two.',
      '',
      'source  this factory',
      `keys  ssh-ed25519 ${FINGERPRINT}`,
      'role  student',
      '',
      'GROUP  ROLE  THROUGH',
      'class  student  roster (class.csv:2)',
      'all  student  "*" (factory.yaml:16)',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'lab one',
        'container.image  one  labs/one/lab.yaml:2',
        'container.env.PLACE  here  labs/one/lab.yaml:3',
        'container.env.COURSE  a\ufffdb  group "class" factory.yaml:9',
        'container.limits.memory  2.0 GiB  group "class" factory.yaml:10',
        'container.limits.cpus  1  default',
        'lifecycle.grace  5 min  group "class" factory.yaml:11',
        'lifecycle.stop_after  60 min  factory.yaml:17',
        'lab two',
        'container.limits.memory  1.0 GiB  default',
        'lifecycle.stop_after  never  labs/two/lab.yaml:2',
        'lifecycle.grace  60 s  default',
      ]),
    );
    // Nothing was kept for a question.
    expect(await readdir(folder)).not.toContain('data');
  });

  test('tells of groups by name, and the highest role', async () => {
    const { role, groups, labs, login } = await whoIs('Carol');
    expect([role, login.outcome]).toEqual(['instructor', 'choice']);
    expect(groups).toMatchObject([
      { name: 'helpers', through: [{ by: 'name', place: { line: 13 } }] },
      { name: 'all', through: [{ by: 'everybody' }] },
    ]);
    expect(labs[0]?.settings).toContainEqual({
      key: 'lifecycle.grace',
      value: '60 s',
      from: 'group',
      group: 'helpers',
      place: { file: join(folder, 'factory.yaml'), line: 15 },
    });
  });

  test.each([
    ['bob', /^this factory lists no usable key/, ['class', 'all']],
    ['nobody', /^No source knows a user nobody/, []],
    ['dora', /^No source knows a user dora/, ['helpers']],
  ])('tells what a login of %s would come to', async (user, text, groups) => {
    const report = await whoIs(user);
    expect(report.login).toEqual({ outcome: 'refused', text: expect.stringMatching(text) });
    expect(report.groups.map(({ name }) => name)).toEqual(groups);
    expect(report.labs.length > 0).toBe(groups.length > 0);
  });

  test('tells of somebody known in no group what the gateway would say', async () => {
    await writeFile(join(folder, 'factory.yaml'), CONFIG.replace(/.*name: all.*\n/, ''));
    await writeFile(join(folder, 'keys/eve.keys'), `ssh-ed25519 ${KEY}\n`);
    expect((await whoIs('eve')).login).toEqual({
      outcome: 'refused',
      text: 'With one of the keys a login is refused: There is no lab for eve here. Ask your instructor to add you to a group.',
    });
  });

  test('shows of a value with a secret what is written', async () => {
    const written = 'container:\n  image: one\n  env: { A: "x-{{ secrets.a }}", B: plain }\n';
    await writeFile(join(folder, 'labs/one/lab.yaml'), written);
    await writeFile(join(folder, 'a.txt'), 'hush-hush\n');
    await writeFile(join(folder, 'factory.yaml'), `${CONFIG}secrets: { a: { file: a.txt } }\n`);
    const said = await who('alice', '--json');
    expect(said).not.toContain('hush-hush');
    const { labs }: WhoReport = JSON.parse(said);
    const values = labs[0]?.settings.filter(({ key }) => key.startsWith('container.env.'));
    expect(values).toMatchObject([
      { value: 'x-{{ secrets.a }}' },
      { value: 'plain' },
      { key: 'container.env.COURSE' },
    ]);
  });

  test('a name that is none is a usage error', async () => {
    const { complained } = await runProgram(folder, ['who', 'a_b', '--config', 'factory.yaml']);
    expect(complained).toMatch(/It must be a user name/);
  });
});

test('factory who asks the factory that runs', async () => {
  await mkdir(join(folder, 'data'), { mode: 0o700 });
  const report: WhoReport = {
    user: 'alice',
    login: { outcome: 'refused', text: 'Not today.' },
    source: { state: 'unavailable', name: 'github.com' },
    keys: [],
    account: {
      source: 'github.com',
      id: 7,
      since: '2026-11-28T10:00:00.000Z',
      refused: { id: 8, since: '2026-11-28T11:00:00.000Z' },
    },
    role: 'student',
    groups: [],
    labs: [{ name: 'one', is_default: true, problem: 'It needs values.port.', settings: [] }],
  };
  const asked: string[] = [];
  const server = await startControlServer({
    path: controlSocket(join(folder, 'data')),
    target: {
      ...IDLE_TARGET,
      who: async (user) => {
        asked.push(user);
        return report;
      },
    },
    logger: createLogger('silent', []),
  });
  try {
    const text = await who('ALICE');
    expect(asked).toEqual(['alice']);
    expect(text).toContain('account  7 of github.com, since 2026-11-28T10:00:00.000Z');
    expect(text).toContain('the name came back as 8 on 2026-11-28T11:00:00.000Z, which is refused');
    expect(text).toContain('lab one, where a login without a lab goes\n  It needs values.port.');
  } finally {
    await server.close();
  }
});
