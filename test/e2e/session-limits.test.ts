import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { SessionStatus } from '../../src/control/session-status.ts';
import { factoryStatusSchema } from '../../src/control/status-schema.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import { LiveProgram } from './harness/live-program.ts';
import type { Student } from './harness/student.ts';
import { freePort } from './harness/taken-port.ts';
import { TcpClient } from './harness/tcp-client.ts';

/** Of which the last fifth is there to press a key in. */
const IDLE = 40_000;
const MAX = 70_000;
const MAX_EXTENSION = 20_000;
/** How much later than its time something may come on a busy machine. */
const SLACK = 60_000;
/** Longer than a session may be silent; ms. */
const LONGER = 1.5 * IDLE;
const SAID_AT_ITS_END = `This session ends now: nothing came from you for ${IDLE / 1_000} s\\.`;

/** In the container: says what it is sent. */
const ECHO_PORT = 7007;
const ECHO_SERVER = `perl -MIO::Socket::INET -e '$SIG{CHLD}="IGNORE"; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => ${ECHO_PORT}, Listen => 9, ReuseAddr => 1) or die; while (my $c = $s->accept) { next if fork; while (sysread($c, my $b, 999)) { syswrite($c, $b) } exit }'`;
/** Starts it, and comes back when it listens. */
const START_ECHO = `setsid ${ECHO_SERVER} >/dev/null 2>&1 </dev/null & until nc -z 127.0.0.1 ${ECHO_PORT}; do sleep 0.1; done`;

const publishedSchema = z.looseObject({ kind: z.string(), reason: z.string().default('') });

const lab = (lifecycle: object) => ({ ...PLAIN_LAB, lifecycle });
const LABS = {
  open: lab({}),
  quiet: lab({ idle_disconnect: `${IDLE}ms` }),
  short: lab({ max_session: `${MAX}ms`, max_extension: `${MAX_EXTENSION}ms` }),
  // Its warning of five minutes before comes after ten seconds.
  long: lab({ max_session: '310s', max_extension: '10m' }),
};

const stack = new AsyncDisposableStack();
let factory: Factory;
let alice: Student;
let bob: Student;
let carol: Student;
let dave: Student;

beforeAll(async () => {
  factory = stack.use(await Factory.start({ labs: LABS, grace: '60s' }));
  alice = await factory.student('alice');
  bob = await factory.student('bob');
  carol = await factory.student('carol');
  dave = await factory.student('dave');
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => factory.showLogOnFailure(context));

/** The time that making a container takes counts as well, so it is there before the limits of a test matter. */
async function awake(student: Student, name: keyof typeof LABS): Promise<string> {
  const login = `${student.name}/${name}`;
  await eventually(() => student.run('true', { login }).then(() => true), {
    what: `${login} is awake`,
    within: 120_000,
  });
  return login;
}

async function sessions(student: Student, name: keyof typeof LABS): Promise<SessionStatus[]> {
  const { stdout } = await runFactory(factory.folder, ['status', '--json']);
  const { workspaces } = factoryStatusSchema.parse(JSON.parse(stdout));
  return workspaces.find(({ user, lab: of }) => user === student.name && of === name)?.sessions ?? [];
}

/** How the sessions in a workspace ended, the first one first. */
async function ends(login: string): Promise<string[]> {
  const { stdout } = await runFactory(factory.folder, ['events', login, '--json']);
  return stdout.split('\n').flatMap((line) => {
    const event = line === '' ? undefined : publishedSchema.parse(JSON.parse(line));
    return event?.kind === 'session_ended' ? [event.reason] : [];
  });
}

/** Resolves when those that just ended are gone from the status. */
async function nobodyIn(student: Student, name: keyof typeof LABS): Promise<void> {
  await eventually(async () => (await sessions(student, name)).length === 0, {
    what: `nobody is in ${name} of ${student.name}`,
  });
}

/** Does something every now and then for longer than a session may be silent. */
async function goOn(act: () => unknown): Promise<void> {
  const until = Date.now() + LONGER;
  await eventually(
    async () => {
      await act();
      return Date.now() > until;
    },
    { what: 'the time', within: LONGER + SLACK, every: 1_000 },
  );
}

// These wait for most of their time, and each has workspaces of its own.
test.concurrent('who types nothing is warned, stays by a key, and is ended when there is none', async () => {
  const login = await awake(alice, 'quiet');
  await using window = alice.terminal({ login });
  await window.shows(/\$ $/);
  await window.shows(/Nothing was typed here for long, so this session ends in \d s\. Press a key to stay\./);
  window.type('echo st$((1))ll here\r');
  const typedAt = Date.now();
  await window.shows('st1ll here');
  expect(await window.ended()).toBe(255);
  const silence = Date.now() - typedAt;
  expect(silence).toBeGreaterThanOrEqual(IDLE - 100);
  // One for each time of silence, so there was no third.
  expect(window.text).toMatch(new RegExp(`${SAID_AT_ITS_END} .* connect again`));
  expect(window.text.match(/Press a key to stay/g)).toHaveLength(2);
  await eventually(async () => (await ends(login)).at(-1) === 'idle', { what: 'its end' });
  expect(await alice.run('echo back', { login })).toBe('back');
});

test.concurrent('output alone keeps no session, and what is sent for a command does', async () => {
  const login = await awake(carol, 'quiet');
  await using talker = carol.connect('while sleep 0.1; do echo y; done', { login });
  await talker.shows('y\n');
  const began = Date.now();
  await using listener = carol.connect('cat', { login });
  await goOn(() => listener.write('a line\n'));
  expect(await talker.ended(SLACK)).toBe(255);
  expect(talker.output).toMatch(new RegExp(`^${SAID_AT_ITS_END}`, 'm'));
  expect(listener.output).not.toContain('This session ends');
  await eventually(async () => (await sessions(carol, 'quiet')).length === 1, {
    what: 'one session is left',
  });
  expect(Date.now() - began).toBeGreaterThan(LONGER);
  expect(await listener.ended(IDLE + SLACK)).toBe(255);
});

test.concurrent('what is sent through a forward keeps its session, and a forward that only lies there does not', async () => {
  const login = await awake(dave, 'quiet');
  await dave.run(START_ECHO, { login });
  const open = async () => {
    const port = await freePort();
    const tunnel = dave.connect(undefined, {
      login,
      args: ['-N', '-L', `${port}:127.0.0.1:${ECHO_PORT}`],
    });
    const client = await eventually(() => TcpClient.to(port), { what: 'the tunnel is up' });
    expect(String(await client.ask('hello', 5))).toBe('hello');
    return { tunnel, client };
  };
  // First the one that is to end: it is silent while the other one logs in.
  const left = await open();
  await using leftTunnel = left.tunnel;
  using _leftClient = left.client;
  const used = await open();
  await using usedTunnel = used.tunnel;
  using usedClient = used.client;
  await goOn(() => usedClient.ask('more', 4));
  expect(await leftTunnel.ended(SLACK)).toBe(255);
  const [kept] = await eventually(
    async () => {
      const all = await sessions(dave, 'quiet');
      return all.length === 1 && all;
    },
    { what: 'one session is left' },
  );
  expect(kept).toMatchObject({ client: 'OpenSSH', channels: 1, forwards: 1 });
  expect(await usedTunnel.ended(IDLE + SLACK)).toBe(255);
});

test.concurrent('a session lasts no longer than max_session, unless it is extended, within what the lab allows', async () => {
  const hers = await awake(alice, 'short');
  const his = await awake(bob, 'short');
  await nobodyIn(alice, 'short');
  const began = Date.now();
  // Before the window, which is to be there still when this one has ended.
  await using other = bob.connect('echo in; while sleep 0.1; do :; done', { login: his });
  await other.shows('in');
  await using window = alice.terminal({ login: hers });
  await window.shows(/\$ $/);

  expect(await alice.run('@extend', { login: hers })).toMatch(
    /^Your session ends in \d+ s\. .*, by 20 s at most: ssh .*alice\/short@.* -- @extend 20s/,
  );
  const refused = await alice.exec('@extend 21s', { login: hers });
  expect(refused).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringMatching(/by 20 s at most/),
  });
  expect(await alice.run('@extend 15s', { login: hers })).toMatch(/^Your session now ends in \d+ s\.$/);
  const again = await alice.exec('@extend 6s', { login: hers });
  expect(again).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/by 5 s at most.*connect again/),
  });
  // Of the window's, and not of those who asked.
  const lasts = await eventually(
    async () => {
      const [its, ...others] = await sessions(alice, 'short');
      return others.length === 0 && its && Date.parse(its.ends_at ?? '') - Date.parse(its.since);
    },
    { what: 'nobody but the window is there' },
  );
  expect(lasts).toBe(MAX + 15_000);

  // Typing is no help against this.
  expect(await other.ended(MAX + SLACK)).toBe(255);
  expect(other.output).toMatch(/^This session ends now: it has lasted as long as the lab lets it\./m);
  expect(Date.now() - began).toBeGreaterThanOrEqual(MAX);
  window.type('echo st$((1))ll here\r');
  await window.shows('st1ll here');
  expect(await window.ended(15_000 + SLACK)).toBe(255);
  expect(Date.now() - began).toBeGreaterThanOrEqual(MAX + 15_000);
  expect(window.text).toContain('it has lasted as long as the lab lets it');
  expect(await alice.run('@extend', { login: hers })).toMatch(/by 20 s at most/);
  for (const login of [hers, his]) expect(await ends(login)).toContain('max_session');
});

test('the operator ends sessions, which are told so', async () => {
  const login = await awake(bob, 'open');
  await using window = bob.terminal({ login });
  await window.shows(/\$ $/);
  await using command = bob.connect('echo in; exec cat', { login });
  await command.shows('in');
  const { code } = await runFactory(factory.folder, ['workspace', 'suspend', login, '--end-sessions']);
  expect(code).toBe(0);
  expect(await window.ended()).toBe(255);
  expect(window.text).toMatch(/This session is ended by the operator of the lab\. Everything stays/);
  expect(await command.ended()).toBe(255);
  expect(command.output).toMatch(/^This session is ended by the operator of the lab\./m);
  await nobodyIn(bob, 'open');
  expect((await ends(login)).slice(-2)).toEqual(['operator', 'operator']);
});

test('the history tells one end from another', async () => {
  const login = await awake(bob, 'open');
  await nobodyIn(bob, 'open');
  const before = (await ends(login)).length;
  const ended = async (count: number) =>
    eventually(async () => (await ends(login)).length === before + count, {
      what: `${count} sessions have ended`,
    });
  await bob.run('true', { login });
  await ended(1);
  await using killed = await bob.hold({ login });
  await killed.kill();
  await ended(2);
  expect((await ends(login)).slice(before)).toEqual(['closed', 'lost']);
});

test('its end is warned of, with what can be typed', async () => {
  const login = await awake(alice, 'long');
  await using window = alice.terminal({ login });
  await window.shows(/This session ends in 5 min, .* by 10 min at most: ssh .*alice\/long@.* -- @extend/);
  window.type('exit\r');
  expect(await window.ended()).toBe(0);
});

test('the status knows the clients, their channels and their forwards', async () => {
  const login = await awake(bob, 'open');
  await bob.run(START_ECHO, { login });
  const [tunnelPort, proxyPort] = [await freePort(), await freePort()];

  await using window = bob.terminal({ login });
  await window.shows(/\$ $/);
  await using _tunnel = bob.connect(undefined, {
    login,
    args: ['-N', '-L', `${tunnelPort}:127.0.0.1:${ECHO_PORT}`],
  });
  using forward = await eventually(() => TcpClient.to(tunnelPort), {
    what: 'the tunnel is up',
  });
  await forward.ask('hello', 5);
  const { host, port } = factory.endpoints.ssh;
  await using sftp = new LiveProgram('sftp', [
    ...['-F', join(bob.home, 'config'), '-P', String(port)],
    `${login}@${host}`,
  ]);
  sftp.write('pwd\n');
  await sftp.shows('/home/lab');
  // As VS Code connects: a script on the input of a bare shell, and everything else through a proxy.
  await using code = bob.connect('sh', { login, args: ['-T', '-D', String(proxyPort)] });
  code.write('echo the script runs\n');
  await code.shows('the script runs');
  using through = await TcpClient.through(proxyPort, ECHO_PORT);
  await through.ask('hello', 5);

  await eventually(
    async () => {
      const all = await sessions(bob, 'open');
      expect(all.map((each) => [each.client, each.channels, each.forwards]).sort()).toEqual([
        ['OpenSSH', 1, 0],
        ['OpenSSH', 1, 1],
        ['VS Code', 2, 1],
        ['sftp', 1, 0],
      ]);
      return true;
    },
    { what: 'the status has these four' },
  );
  const { stdout } = await runFactory(factory.folder, ['status']);
  expect(stdout).toMatch(/^bob\/open .* 4 /m);
  expect(stdout).toMatch(
    /^ {2}127\.0\.0\.1:\d+, VS Code, connected for .*, last input .*, 2 channels \(1 forward\)$/m,
  );
  const own = await bob.run('@status', { login });
  expect(own).toMatch(
    /^session +VS Code from 127\.0\.0\.1:\d+, connected for .*, 2 channels \(1 forward\)$/m,
  );
  expect(own).toMatch(/^session +OpenSSH from .*, 1 channel \(this one\)$/m);

  forward[Symbol.dispose]();
  through[Symbol.dispose]();
  await eventually(async () => (await sessions(bob, 'open')).every(({ forwards }) => forwards === 0), {
    what: 'the forwards are closed',
  });
});
