import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { factoryStatusSchema } from '../../src/control/status-schema.ts';
import { docker } from './harness/docker.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { CLUSTER_LAB } from './harness/factory-files.ts';
import { clusterOfUse } from './harness/kubectl.ts';
import { section } from './harness/sections.ts';
import { LAB_IMAGE, PROJECT } from './harness/set-up.ts';
import type { ExecResult, Student } from './harness/student.ts';

const LAB = {
  ...CLUSTER_LAB,
  cluster: { agents: 1 },
  lifecycle: { max_session: '3h', max_extension: '1h' },
};

/** Longer than a cluster takes to come up on a busy machine; ms. */
const LONG = 200_000;
const SLOW = { timeout: LONG };

const stack = new AsyncDisposableStack();
let factory: Factory;
let alice: Student;
let bob: Student;

beforeAll(async () => {
  const image = await makeImageWithOwnProgram();
  stack.defer(() => docker(['image', 'rm', image]).then(() => {}));
  const limits = { memory: '256Mi', cpus: 1, pids: 200 };
  const own = { ...CLUSTER_LAB, container: { image, user: 'lab', limits } };
  const groups = [
    { name: 'all', members: ['alice', 'bob', 'carol'], labs: ['k3s'] },
    { name: 'own', members: ['dave'], labs: ['own'] },
  ];
  factory = stack.use(await Factory.start({ labs: { k3s: LAB, own }, groups }));
  alice = await factory.student('alice');
  bob = await factory.student('bob');
  for (const session of await Promise.all([stay(alice), stay(bob)])) stack.use(session);
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => factory.showLogOnFailure(context));

/** The lab's image, with a program of its own that is called `cluster`. */
async function makeImageWithOwnProgram(): Promise<string> {
  const name = `own-cluster-program-${process.pid}`;
  const place = 'cat >/usr/local/bin/cluster && chmod 755 /usr/local/bin/cluster';
  await docker(['run', '--interactive', '--user', '0', '--name', name, LAB_IMAGE, 'sh', '-c', place], {
    input: '#!/bin/sh\necho my own\n',
  });
  await docker(['commit', name, name]);
  await docker(['rm', name]);
  return name;
}

/**
 * Who opens a new shell wants the cluster that was taken down, and has a socket of their own for a moment. So what somebody does in turn
 * in the lab goes over the one connection of the session in which they stay.
 */
const connectionOf = ({ name }: Student) => join(factory.folder, `${name}.ctl`);
const stay = (student: Student) => student.hold({ args: ['-M', '-S', connectionOf(student)] });
const within = (student: Student) => ({ args: ['-S', connectionOf(student)], timeout: LONG });

/** The socket of a session that lasts, in the container of this student: that of one that has just ended may still be listened at. */
async function socketOf(student: Student): Promise<string> {
  const asks = 'curl -sf --max-time 10 -o /dev/null --unix-socket $s http://lab/token';
  return student.run(
    `for s in /run/ssh-lab-factory/*.sock; do ${asks} && echo $s && break; done`,
    within(student),
  );
}

function curl(student: Student, socket: string, path: string, ...options: string[]): Promise<ExecResult> {
  const words = ['-sS', '--max-time', '60', '--unix-socket', socket, ...options, `http://lab${path}`];
  return student.exec(`curl ${words.map((word) => `'${word}'`).join(' ')}`, within(student));
}

/** Whether the factory has a session of theirs. */
async function isIn({ name }: Student): Promise<boolean> {
  const { stdout } = await runFactory(factory.folder, ['status', '--json']);
  const { workspaces } = factoryStatusSchema.parse(JSON.parse(stdout));
  return workspaces.some(({ user, sessions }) => user === name && sessions.length > 0);
}

async function tokenOf(student: Student): Promise<string> {
  const { stdout } = await curl(student, await socketOf(student), '/token');
  const answer: { token?: unknown } = JSON.parse(stdout);
  if (typeof answer.token !== 'string') throw new Error(`no token: ${stdout}`);
  return answer.token;
}

/** In the lab, and from outside, where each is a connection of its own; both are one command. */
const ways = [
  { name: 'cluster', run: (words: string) => alice.exec(`cluster ${words}`, within(alice)) },
  { name: '@cluster', run: (words: string) => alice.exec(`@cluster ${words}`, SLOW) },
] as const;

test("the program, its page and its completion are there, and root's", async () => {
  const files =
    '/usr/local/bin/cluster /usr/local/share/man/man1/cluster.1 /usr/share/bash-completion/completions/cluster';
  expect(await alice.run(`stat -c '%a %U' ${files}`)).toBe('755 root\n644 root\n644 root');
});

test('`man cluster` shows it', async () => {
  const { exitCode, stdout, stderr } = await alice.exec('man cluster | head -n 20');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^CLUSTER\(1\).*^NAME\n +cluster /ms);
});

test("a lab's own program of that name stays, and @cluster works", async () => {
  const dave = await factory.student('dave');
  expect(await dave.run('cluster status')).toBe('my own');
  expect((await dave.exec('@cluster status')).stdout).toMatch(/^Your cluster is/);
});

test('status --wait comes back when the cluster is of use, and tells what is done until then', async () => {
  const { exitCode, stdout, stderr } = await alice.exec('cluster status --wait && kubectl get nodes', SLOW);
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(
      /^Your cluster is ready.*server-0 +(?:ready|running).*agent-0 +(?:ready|running).* Ready /s,
    ),
  });
  // Kubernetes has 2 s to say how a node is; without its word the node is "running".
  await eventually(
    async () => {
      const { stdout: now } = await alice.exec('cluster status', SLOW);
      return /^Your cluster is ready.*server-0 +ready.*agent-0 +ready/s.test(now);
    },
    { what: 'the status tells of both nodes that they are ready' },
  );
  // It may have been there before we asked.
  if (stderr !== '') expect(stderr).toMatch(/^cluster: /m);
});

describe.each(ways)('$name', ({ name, run }) => {
  test('status, also for scripts', async () => {
    expect((await run('status')).stdout).toMatch(/^Your cluster is ready/);
    const { stdout, exitCode } = await run('status --json');
    expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({ exitCode: 0, user: 'alice', ready: true });
  });

  test('kubeconfig is for where it is asked', async () => {
    const { stdout, exitCode } = await run('kubeconfig');
    const own = await alice.run('cat ~/.kube/config');
    expect(exitCode).toBe(0);
    if (name === 'cluster') expect(stdout.trim()).toBe(own);
    else expect(stdout).toContain('alice.lab.test');
    expect((await alice.run('cluster kubeconfig --outside')).trim()).toBe(
      (await alice.run('@kubeconfig')).trim(),
    );
  });

  test('open prints the URL', async () => {
    expect((await run('open')).stdout.trim()).toBe(await alice.run('echo $LAB_URL'));
  });

  test('extend agrees with @extend', async () => {
    const told = (await run('extend')).stdout;
    expect(told).toMatch(/^Your session ends in \d+ (?:min|h)\. You can make it longer, by .* at most: /);
    expect((await run('extend 10m')).stdout).toMatch(/^Your session now ends in /);
    const refused = await run('extend 5h');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr.trim()).toBe((await alice.exec('@extend 5h')).stderr.trim());
  });

  test('a node is lost and comes back', async () => {
    expect((await run('node stop agent-0')).exitCode).toBe(0);
    expect((await run('node list')).stdout).toMatch(/^agent-0 +taken down/m);
    expect((await run('node start agent-0')).exitCode).toBe(0);
    expect((await run('node list')).stdout).toMatch(/^agent-0 +(?:ready|running)/m);
    const unknown = await run('node stop agent-7');
    expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
    expect(unknown.stderr).toMatch(/agent-7.*node list/s);
  });

  test('logs and events', async () => {
    expect((await run('logs --lines 5')).stdout).toMatch(/^==> .*server-0.* <==$/m);
    expect((await run('events')).stdout).toMatch(/node_stop|stop of agent-0/);
  });

  test('suspend, and start, which tells its steps', async () => {
    expect(await run('suspend')).toMatchObject({ exitCode: 0 });
    const asleep = await run('status');
    expect(asleep).toMatchObject({
      exitCode: 3,
      stdout: expect.stringMatching(/^Your cluster is suspended/),
    });
    expect(await run('stop')).toMatchObject({ exitCode: 0 });
    expect((await run('status')).stdout).toMatch(/^Your cluster is stopped/);
    const started = await run('start');
    expect(started.exitCode).toBe(0);
    expect(started.stderr.trim().split('\n').length).toBeGreaterThan(1);
    expect(started.stderr).toMatch(/^cluster: /m);
    await clusterOfUse(alice);
  });

  test('reset and delete need --yes', async () => {
    for (const command of ['reset', 'delete']) {
      const { exitCode, stderr } = await run(command);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`${name} ${command} --yes`);
    }
    expect((await run('status')).exitCode).toBe(0);
  });

  test('what it does not know gets a suggestion', async () => {
    const { exitCode, stderr } = await run('statsu');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Did you mean status?');
    expect((await run('help')).stdout).toMatch(new RegExp(`^Usage: ${name} `));
  });
});

test('root in the container may use it, too; the socket is for nobody else', async () => {
  expect(await alice.run('sudo cluster status')).toMatch(/^Your cluster is ready/);
  const other = await alice.exec(`sudo -u nobody cluster status`);
  expect(other.exitCode).toBe(1);
  expect(other.stderr).toContain('log in anew');
});

test("bob's container has nothing of alice's door; each has their own", async () => {
  const hers = await socketOf(alice);
  expect((await curl(alice, hers, '/token')).exitCode).toBe(0);
  expect((await curl(bob, hers, '/token')).exitCode).not.toBe(0);
  expect((await curl(bob, await socketOf(bob), '/token')).exitCode).toBe(0);
  // Root there does not find it, either.
  expect((await bob.exec(`sudo test -e ${hers}`)).exitCode).toBe(1);
});

test('the example for scripts takes the socket of a session that lasts, among those of sessions that are over or just ending', async () => {
  for (let i = 0; i < 6; i += 1) await alice.run('true');
  const text = section(await readFile(join(PROJECT, 'docs/cluster-command.md'), 'utf8'), 'What is behind it');
  const [, example = ''] = /^```sh\n(.*?)^```/ms.exec(text) ?? [];
  // Comes first, is listened at, and hangs up.
  const ending = '/run/ssh-lab-factory/0.sock';
  const listen = `$s = IO::Socket::UNIX->new(Local => "${ending}", Listen => 9); close $c while $c = $s->accept`;
  const begin = `perl -MIO::Socket::UNIX -e '${listen}' & until [ -S ${ending} ]; do sleep 0.1; done`;
  const { stdout } = await alice.exec(`${begin}\n${example}\nkill $!; rm ${ending}`, within(alice));
  expect(JSON.parse(stdout)).toMatchObject({ user: 'alice', lab: 'k3s' });
});

test('a token of the door is for its own workspace, and of no use when the session is over', async () => {
  const bearer = async (student: Student, token: string, path: string) => {
    const { stdout } = await curl(
      student,
      await socketOf(student),
      path,
      ...['-o', '/dev/null', '-w', '%{http_code}', '-H', `Authorization: Bearer ${token}`],
    );
    return Number(stdout);
  };
  const token = await tokenOf(alice);
  expect(await bearer(alice, token, '/api/v1/clusters/alice/k3s')).toBe(200);
  expect(await bearer(alice, token, '/api/v1/clusters/bob/k3s')).not.toBe(200);
  expect(await bearer(bob, token, '/api/v1/clusters/alice/k3s')).toBe(403);
  expect(await bearer(bob, await tokenOf(bob), '/api/v1/clusters/bob/k3s')).toBe(200);

  const carol = await factory.student('carol');
  const session = await stay(carol);
  const old = await tokenOf(carol);
  expect(await bearer(carol, old, '/api/v1/clusters/carol/k3s')).toBe(200);
  await session.logOut();
  // Else the next one is there before the factory has heard of the end of this one.
  await eventually(async () => !(await isIn(carol)), { what: 'carol is gone' });
  await using _again = await stay(carol);
  expect(await bearer(carol, old, '/api/v1/clusters/carol/k3s')).toBe(401);
  expect(await bearer(carol, await tokenOf(carol), '/api/v1/clusters/carol/k3s')).toBe(200);
});

test('^C ends it at once', async () => {
  await using terminal = alice.terminal();
  await terminal.shows(/\$ $/);
  terminal.type('cluster status --watch\r');
  await terminal.shows(/Ingresses answer at http/);
  terminal.type('\x03');
  // The terminal throws away what is typed before the signal has arrived.
  await terminal.shows(/\^C[^$]*\$ $/);
  terminal.type('echo status=$?\r');
  await terminal.shows(/status=130/);
});

test('cluster stop in one shell while another logs in: who comes last has it awake', async () => {
  // The long form is in test/soak.
  for (let round = 0; round < 2; round += 1) {
    const stopping = alice.exec('cluster stop', SLOW);
    if (round > 0) await new Promise((resolve) => setImmediate(resolve));
    await using _late = await alice.hold();
    await stopping;
    // The login may have come before the order or after it; a login after it has the last word.
    await using _last = await alice.hold();
    const { exitCode } = await alice.exec('cluster status --wait', SLOW);
    expect(exitCode).toBe(0);
    await clusterOfUse(alice);
  }
});

test('a reset makes a new cluster, a deletion and a start as well', { timeout: 10 * 60_000 }, async () => {
  const uid = () => alice.run('kubectl get namespace kube-system -o jsonpath={.metadata.uid}');
  const first = await uid();
  const reset = await alice.exec('cluster reset --yes', SLOW);
  expect(reset.exitCode, reset.stderr).toBe(0);
  expect(reset.stdout).toContain('kubectl works again');
  expect(await alice.exec('cluster status --wait', SLOW)).toMatchObject({ exitCode: 0 });
  const second = await uid();
  expect(second).not.toBe(first);
  expect(await alice.exec('cluster delete --yes', within(alice))).toMatchObject({ exitCode: 0 });
  const { stdout } = await alice.exec('cluster status', within(alice));
  expect(stdout).toMatch(/^There is no cluster now/);
  expect(await alice.exec('@cluster start', within(alice))).toMatchObject({ exitCode: 0 });
  await eventually(async () => (await uid()) !== second, { what: 'another cluster' });
});

test('the sockets of sessions that are over do not pile up', async () => {
  for (let i = 0; i < 20; i += 1) await alice.run('true');
  const count = async () => Number(await alice.run('ls /run/ssh-lab-factory | wc -l'));
  await eventually(async () => (await count()) <= 18, { what: 'most of them are gone' });
});
