import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { findSetUp, LAB_IMAGE, WHOAMI_IMAGE } from './harness/set-up.ts';
import type { Student } from './harness/student.ts';
import { sweepFolder } from './harness/sweeper.ts';

/** What no file of the log may hold, wherever it was put in; the words that may are `VISIBLE`. */
const SECRET = 's3cr3t-4711';
const VISIBLE = 'not-secret-4711';

/** A k3d that says all it knows, its environment and its configuration with everything in it, and gives up. */
const TALKATIVE_K3D = `#!/bin/sh
env
cat "$4"
echo '{"client-key-data": "${SECRET}", "marker": "${VISIBLE}"}'
echo 'FATA[0000] out of luck' >&2
exit 7
`;

const container = {
  image: LAB_IMAGE,
  user: 'lab',
  env: { LAB_PASSWORD: SECRET, LAB_COLOUR: VISIBLE },
};
const clusterEnv = [
  { envVar: `UPSTREAM_TOKEN=${SECRET}`, nodeFilters: ['server:*'] },
  { envVar: `UPSTREAM_COLOUR=${VISIBLE}`, nodeFilters: ['server:*'] },
];

const LABS = {
  noimage: { description: 'its image is missing', container: { ...container, image: 'sshlab-none/lab:1' } },
  nosshd: { description: 'its image has no sshd', container: { ...container, image: WHOAMI_IMAGE } },
  nonode: { description: 'its node image is missing', container, cluster: { image: 'sshlab-none/node:1' } },
  nok3d: {
    description: 'k3d fails',
    container,
    cluster: { env: clusterEnv },
    routes: { host: 'nok3d.{{ username }}' },
  },
};

describe('what went wrong: one sentence and an id for the student, all of it under that id for the operator', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;
  let alice: Student;

  beforeAll(async () => {
    factory = stack.use(
      await Factory.start({
        labs: LABS,
        config: { log: { level: 'trace' } },
        env: {
          FACTORY_TEST_TOKEN: SECRET,
          FACTORY_TEST_COLOUR: VISIBLE,
          FACTORY_SETUP: await talkativeSetUp(stack),
        },
      }),
    );
    alice = await factory.student('alice');
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  const factoryLogs = (...args: readonly string[]) => runFactory(factory.folder, ['logs', ...args]);

  /** By the id: the workspace, the sentence, and each of these further down. */
  async function expectChain(said: string, lab: keyof typeof LABS, ...words: ReadonlyArray<string | RegExp>) {
    const [, sentence = '', id = ''] = /^(?:.*\r)?(.*) \(error ([0-9a-f]{8})\)/m.exec(said) ?? [];
    expect(id, said).not.toBe('');
    const stdout = await eventually(
      async () => {
        const found = await factoryLogs('--error', id);
        return found.code === 0 && found.stdout;
      },
      { what: `the log has the error ${id}` },
    );
    const [head = '', ...chain] = stdout.split('\n');
    expect(head).toContain(`alice/${lab} ${sentence.trim()} (error ${id})`);
    for (const word of words) expect(chain.join('\n')).toMatch(word);
    const whole = (await readFile(join(factory.folder, 'data/logs/factory.1.jsonl'), 'utf8')).split('\n');
    expect(
      whole.filter((line) => line.includes(`"errorId":"${id}"`)),
      'lines with this id',
    ).toHaveLength(1);
  }

  test.each([
    ['noimage', ['IMAGE_UNAVAILABLE', /because of Error, HTTP \d+: \(HTTP code/]],
    ['nosshd', [/find \/usr\/sbin\/sshd/, /because of Error, HTTP 404/]],
  ] as const)('a container that cannot be: %s', async (lab, words) => {
    const refused = await alice.exec('true', { login: `alice/${lab}` });
    expect(refused).toMatchObject({ stdout: '', exitCode: 254 });
    await expectChain(refused.stderr, lab, ...words);

    await using window = alice.terminal({ login: `alice/${lab}` });
    await window.shows(/\(error [0-9a-f]{8}\)/);
    await expectChain(window.text, lab, ...words);
  });

  test.each([
    ['nonode', [/because of Error, HTTP \d+: \(HTTP code/]],
    ['nok3d', ['ExecaError, exit 7', /\$ .*k3d.* cluster create/, VISIBLE, 'out of luck']],
  ] as const)('a cluster that cannot be: %s', async (lab, words) => {
    const login = `alice/${lab}`;
    const refused = await alice.exec('@kubeconfig', { login });
    expect(refused).toMatchObject({ stdout: '', exitCode: 254 });
    await expectChain(refused.stderr, lab, ...words);

    await using window = alice.terminal({ login });
    await window.shows(/\(error [0-9a-f]{8}\)/);
    await expectChain(window.text, lab, ...words);
    await window.shows(/\$ $/);
    const status = await alice.run('@status', { login });
    if (/cluster +failed/.test(status))
      await expectChain(status.replace(/^cluster +failed: /m, ''), lab, ...words);
  });

  test('the log of one workspace has nothing of the others; without a factory it can be read as well', async () => {
    await factory.kill();
    const { stdout } = await factoryLogs('alice/nok3d', '--json', '--lines', '1000');
    const workspaces = new Set(stdout.split('\n').map((line) => JSON.parse(line).workspace));
    expect([...workspaces]).toEqual(['alice/nok3d']);
    const nodes = await factoryLogs('alice/nok3d', '--nodes');
    expect(nodes.stdout).toContain('The workspace has no nodes now.');
    expect(nodes.stdout).toContain(VISIBLE);
    await factory.startAgain();
  });

  test('an id that nobody was given is exit 1 and a sentence', async () => {
    const { code, stdout, stderr } = await factoryLogs('--error', '00000000');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/no error "00000000" in the log/);
  });

  test('no file of the log holds a secret, and only its owner may read them', async () => {
    const data = join(factory.folder, 'data');
    const files = (await readdir(data, { recursive: true })).filter((name) => /\.(log|jsonl)$/.test(name));
    expect(files.length).toBeGreaterThanOrEqual(2);
    const texts = await Promise.all(files.map((name) => readFile(join(data, name), 'utf8')));
    for (const text of [...texts, factory.log]) {
      expect(text).toContain(VISIBLE);
      expect(text).not.toContain(SECRET);
    }
  });
});

/** A set-up file that names the talkative k3d. */
async function talkativeSetUp(stack: AsyncDisposableStack): Promise<string> {
  const folder = await makeRunFolder();
  stack.defer(() => sweepFolder(folder));
  const k3d = join(folder, 'k3d');
  await writeFile(k3d, TALKATIVE_K3D);
  await chmod(k3d, 0o755);
  const file = join(folder, 'setup.json');
  await writeFile(file, JSON.stringify({ ...(await findSetUp()), k3d }));
  return file;
}
