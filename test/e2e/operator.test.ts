import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FactoryStatus, factoryStatusSchema } from '../../src/control/status-schema.ts';
import { CURRENT_FORMAT } from '../../src/data-folder/format.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { CLUSTER_LAB, PLAIN_LAB } from './harness/factory-files.ts';
import { LiveProgram } from './harness/live-program.ts';
import { PROGRAM } from './harness/set-up.ts';
import type { Student } from './harness/student.ts';
import { Terminal } from './harness/terminal.ts';
import { Workspace } from './harness/workspace.ts';

const MIB = 2 ** 20;

describe('the operator of a running factory', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;
  let alice: Student;

  beforeAll(async () => {
    factory = stack.use(
      await Factory.start({
        // Long: what is so before it is over can be seen on a busy machine as well.
        grace: '20s',
        labs: { plain: PLAIN_LAB, k3s: CLUSTER_LAB },
        groups: [
          { name: 'light', members: ['alice'], labs: ['plain'] },
          { name: 'heavy', members: ['carol'], labs: ['k3s'] },
        ],
      }),
    );
    alice = await factory.student('alice');
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  const run = (...args: string[]) => runFactory(factory.folder, args);

  async function status(): Promise<FactoryStatus> {
    const { code, stdout, stderr } = await run('status', '--json');
    expect([code, stderr]).toEqual([0, '']);
    return factoryStatusSchema.parse(JSON.parse(stdout));
  }

  async function workspaceOf(user: string) {
    return (await status()).workspaces.find((workspace) => workspace.user === user);
  }

  /** Told whenever it changes: what is so for a moment only is seen as well, however late we look. */
  function watchStatus(): LiveProgram {
    const args = [PROGRAM, 'status', '--watch', '--json', '--config', 'factory.yaml'];
    const env = { FACTORY_SETUP: join(factory.folder, 'setup.json') };
    return new LiveProgram(process.execPath, args, { cwd: factory.folder, env });
  }

  const slow = { timeout: 8 * 60_000 };

  test('sees workspaces, sessions, memory and routes, for people and for scripts', slow, async () => {
    const carol = await factory.student('carol');
    await using terminal = carol.terminal();
    await carol.run('until kubectl get --raw=/readyz; do sleep 0.2; done', { timeout: 180_000 });
    // The API answers before the factory is done with what it does for the cluster. Kubernetes alone takes some hundreds of MiB.
    const before = await eventually(
      async () => {
        const now = await workspaceOf('carol');
        const isDone = now?.cluster?.state === 'running' && now.cluster.doing === null;
        const hasMemory = (now?.memory_bytes ?? 0) > 200 * MIB;
        return isDone && hasMemory && now.route?.state === 'awake' && now.sessions.length === 1 && now;
      },
      { what: 'the cluster is up, and the second session gone', within: 200_000 },
    );
    expect(before).toMatchObject({
      state: 'running',
      longer: false,
      next: null,
      container: { state: 'running', doing: null, error: null },
      cluster: { state: 'running', doing: null, error: null },
      route: { state: 'awake', url: expect.stringContaining('carol.lab.test') },
      sessions: [
        {
          address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
          client: 'OpenSSH',
          program: expect.stringContaining('OpenSSH'),
          idle_since: null,
          channels: 1,
          forwards: 0,
          ends_at: null,
        },
      ],
    });
    terminal.type('echo a$((1+1))line\r');
    await terminal.shows('a2line');
    const inputOf = (workspace: Awaited<ReturnType<typeof workspaceOf>>) =>
      Date.parse(workspace?.sessions[0]?.last_input ?? '');
    const latest = await workspaceOf('carol');
    expect(inputOf(latest)).toBeGreaterThan(inputOf(before));

    const { stdout } = await run('status');
    expect(stdout).toMatch(/^carol\/k3s +running .* 1 +running +\d+ MiB +http:\/\/carol\.lab\.test/m);
    expect(stdout).toMatch(
      /^ {2}127\.0\.0\.1:\d+, OpenSSH, connected for .*, last input .* ago, 1 channel$/m,
    );
    expect(stdout).not.toContain('\u001b');

    await using watch = watchStatus();
    await watch.shows(/^\{.*\n/);
    terminal.type('exit\r');
    await terminal.ended();
    const isToSleep = (line: string) => {
      // One says that the factory gave no answer in time.
      const { data } = factoryStatusSchema.safeParse(JSON.parse(line));
      const now = data?.workspaces.find(({ user }) => user === 'carol');
      return now?.sessions.length === 0 && now.state === 'running' && now.next?.state === 'suspended';
    };
    // The last piece is a line that is not whole yet.
    await eventually(() => watch.stdout.split('\n').slice(0, -1).some(isToSleep), {
      what: 'the session is gone, and what comes next is told',
    });
    await new Workspace(factory, 'carol').becomes('paused');
    await eventually(async () => (await workspaceOf('carol'))?.state === 'suspended', {
      what: 'the status says suspended',
    });
    expect(await workspaceOf('carol')).toMatchObject({
      route: { state: 'asleep' },
      next: { state: 'stopped' },
    });
  });

  test('watches, a line of JSON at each change, until Ctrl-C', async () => {
    await using watch = watchStatus();
    await watch.shows(/^\{.*\n/);
    await using _session = await alice.hold();
    await watch.shows(/"sessions":1,/);
    watch.signal('SIGINT');
    expect((await watch.ended()).code).toBe(0);
    const lines = watch.output.split('\n').filter(Boolean);
    expect(lines.length).toBeGreaterThan(1);
    expect(new Set(lines).size).toBe(lines.length);
    for (const line of lines) factoryStatusSchema.parse(JSON.parse(line));
  });

  test('watches on a terminal until q, over a restart of the factory; ages count up', async () => {
    const line = [
      process.execPath,
      PROGRAM,
      'status',
      '--watch',
      '--config',
      `${factory.folder}/factory.yaml`,
    ];
    await using watch = new Terminal(line, { FACTORY_SETUP: join(factory.folder, 'setup.json') });
    await watch.shows(/takes sessions/);
    const ages = () => [...watch.text.matchAll(/up for (\d+ (?:s|min))/g)].map(([, age]) => age);
    await eventually(() => new Set(ages()).size > 2, { what: 'the age counts up', within: 200_000 });
    await factory.stop();
    await watch.shows(/does not run; waiting for it/);
    await factory.startAgain();
    await eventually(() => watch.text.split('waiting for it').at(-1)?.includes('takes sessions'), {
      what: 'it shows the factory again',
    });
    watch.type('q');
    expect(await watch.ended()).toBe(0);
  });

  test('drains it: who is there is told and ended at the time, who comes is refused; then a restart finds all', async () => {
    await using terminal = alice.terminal();
    await terminal.shows(/\$ $/);
    terminal.type('sleep 4242 & disown; echo marked > /tmp/mark\r');
    await eventually(() => alice.run('cat /tmp/mark'), { what: 'the mark is there' });

    const drained = runFactory(factory.folder, ['drain', '--in', '3s', '--message', 'New labs.']);
    await terminal.shows(/restarted in 3 s.* New labs\./);
    const refused = await alice.exec('true');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/takes no new sessions now.*New labs\./);
    expect((await status()).drain).not.toBeNull();
    expect((await run('status')).stdout).toContain('is drained');
    await terminal.shows(/your session ends/);
    expect(await drained).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nobody is in the factory'),
    });

    expect((await run('drain', '--cancel')).code).toBe(0);
    expect(await alice.run('echo in')).toBe('in');
    expect(await run('drain', '--in', '0s')).toMatchObject({ code: 0 });

    const before = (await new Workspace(factory, 'alice', 'plain').labContainer()).Id;
    await factory.stop();
    await factory.startAgain();
    expect((await status()).drain).toBeNull();
    expect(await alice.run('cat /tmp/mark; pgrep -f "sleep 42[4]2" >/dev/null && echo goes on')).toBe(
      'marked\ngoes on',
    );
    expect((await new Workspace(factory, 'alice', 'plain').labContainer()).Id).toBe(before);
  });

  test('a drain with a wrong time or message is refused before anybody hears of it', async () => {
    for (const args of [
      ['--in', 'soon'],
      ['--in', '25h'],
      ['--message', '\u001b[2J'],
    ]) {
      expect((await run('drain', ...args)).code).toBe(1);
    }
    expect((await status()).drain).toBeNull();
  });

  test('a second factory on the same data folder is refused, and the first goes on', async () => {
    const { code, stderr } = await run('serve');
    expect(code).toBe(1);
    expect(stderr).toContain('Another factory uses this data folder');
    expect(await alice.run('echo in')).toBe('in');
  });
});

describe('the operator of a factory that does not run', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;
  let data: string;

  beforeAll(async () => {
    factory = stack.use(await Factory.start({ grace: '2m', labs: { plain: PLAIN_LAB } }));
    data = join(factory.folder, 'data');
    await (await factory.student('alice')).run('echo kept > file');
    await factory.stop();
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  test('is told so, with what there is in Docker', async () => {
    const { code, stdout, stderr } = await runFactory(factory.folder, ['status']);
    expect(code).toBe(3);
    expect(stderr).toContain('No factory runs on this data folder');
    expect(stdout).toMatch(/^alice\/plain +running +–$/m);
    const json = await runFactory(factory.folder, ['status', '--json']);
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toEqual({
      running: false,
      workspaces: [{ user: 'alice', lab: 'plain', container: 'running', nodes: [] }],
    });
    expect((await runFactory(factory.folder, ['drain'])).code).toBe(3);
  });

  test("starts a newer version's data folder in vain: a sentence, and nothing is changed", async () => {
    await writeFile(join(data, 'format'), `${CURRENT_FORMAT + 1}\n`);
    const { code, stderr } = await runFactory(factory.folder, ['serve']);
    expect(code).toBe(78);
    expect(stderr).toContain('written by a newer version');
    expect(await readFile(join(data, 'format'), 'utf8')).toBe(`${CURRENT_FORMAT + 1}\n`);
    await writeFile(join(data, 'format'), `${CURRENT_FORMAT}\n`);
  });

  test("starts an older version's data folder: it is migrated, and the workspaces are found", async () => {
    await mkdir(join(data, 'logs', 'clusters'), { recursive: true });
    await rm(join(data, 'format'));
    await mkdir(join(data, 'clusters'), { recursive: true });
    await writeFile(join(data, 'clusters', 'alice-0.log'), 'an old failure');
    await rename(join(data, 'logs'), join(data, 'other'));
    await factory.startAgain();
    expect(await readFile(join(data, 'format'), 'utf8')).toBe(`${CURRENT_FORMAT}\n`);
    expect(await readFile(join(data, 'logs', 'clusters', 'alice-0.log'), 'utf8')).toBe('an old failure');
    expect(await (await factory.student('alice')).run('cat file')).toBe('kept');
  });
});
