import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FactoryError } from '../../src/errors/factory-error.ts';
import type { LabDecision } from '../../src/labs/lab-decision.ts';
import { labNamed } from '../../src/labs/testing/lab-named.ts';
import type { Login } from '../../src/names/login.ts';
import { Terminal } from '../e2e/harness/terminal.ts';
import { ALICE, GatewayUnderTest, makeKey, type Setup, until } from './gateway-under-test.ts';
import { openShell } from './open-shell.ts';

const ROOT = { ...labNamed('debian').container, user: 'root' };
const LABS = [
  { ...labNamed('debian'), container: ROOT, description: 'A plain Debian' },
  { ...labNamed('k3s'), container: ROOT, description: 'A cluster of your own' },
];
const [DEBIAN] = LABS;

let allowed = LABS;
function resolve({ user, lab: asked }: Login): LabDecision {
  if (asked === undefined) return { kind: 'choose', labs: LABS };
  const lab = allowed.find(({ name }) => name === asked);
  if (lab === undefined) return { kind: 'refused', message: `There is no lab ${asked} for ${user}.` };
  const others = LABS.filter((each) => each !== lab).map(({ name }) => name);
  return { kind: 'lab', key: { user, lab: lab.name }, lab, others };
}

const withLabs = (setup: Setup = {}) => GatewayUnderTest.start({ resolve, ...setup });

let it: GatewayUnderTest;
beforeAll(async () => {
  it = await withLabs();
});
afterAll(() => it[Symbol.asyncDispose]());
beforeEach(() => {
  allowed = LABS;
});

/** The real ssh in a real pseudo-terminal. */
function login(on: GatewayUnderTest, args: readonly string[] = [], term?: string): Terminal {
  const named = term === undefined ? [] : ['env', `TERM=${term}`];
  return new Terminal([...named, 'ssh', '-tt', ...on.options(), '-p', on.port, ...args, ALICE]);
}

const leases = (on: GatewayUnderTest): string[] => on.workspaces.taken.map(({ lab }) => lab);

test('the second lab by an arrow and Enter: its shell, on this terminal, and what was typed ahead is for it', async () => {
  await using own = await withLabs();
  own.workspaces.glances = { debian: 'stopped', k3s: 'running' };
  await using terminal = login(own);
  await terminal.shows(/Which lab\?.*> 1 {2}debian {2}stopped {2}A plain Debian.* 2 {2}k3s {5}running/s);
  expect(leases(own)).toEqual([]);
  terminal.type('\x1b[B\rstty size; echo "term=$TERM" is $((40 + 2))\r');
  await terminal.shows(/30 120\s+term=xterm-256color is 42/);
  expect(leases(own)).toEqual(['k3s']);
  terminal.type('exit 3\r');
  expect(await terminal.ended()).toBe(3);
  await until(() => own.workspaces.holders.size === 0);
});

test('the list follows the size of the terminal, and the shell has the size of that moment', async () => {
  using shell = await openShell(it, { cols: 80, rows: 24, term: 'xterm' });
  await shell.sees(/Arrow keys and Enter choose one, q leaves\./);
  shell.stream.setWindow(30, 20, 0, 0);
  await shell.sees(/Which lab\? Arrow\.\.\./);
  shell.type('\r');
  shell.type('stty size\r');
  await shell.sees(/30 20\s/);
});

test('a lease that can not be had is a sentence and status 254', async () => {
  await using own = await withLabs();
  own.workspaces.lease = () => {
    throw new FactoryError('SHUTTING_DOWN', 'The lab is being restarted.');
  };
  await using terminal = login(own);
  await terminal.shows(/> 1 {2}debian/);
  terminal.type('\r');
  expect(await terminal.ended()).toBe(254);
  expect(terminal.text).toContain('The lab is being restarted.');
});

test('what is typed while the lab that was chosen is made ready counts, too', async () => {
  await using own = await withLabs();
  const overdueAt = Number.POSITIVE_INFINITY;
  own.workspaces.phases = {
    cluster: { kind: 'working', action: 'create', step: 'pulling', since: Date.now(), overdueAt },
  };
  await using terminal = login(own);
  await terminal.shows(/> 1 {2}debian/);
  terminal.type('\r');
  await terminal.shows(/cluster: pulling \(\d+ s\); press Enter for the prompt now/);
  terminal.type('\r');
  await terminal.shows(/[#$] $/);
});

test('who has not proved who they are sees nothing of it', async () => {
  const { path } = await makeKey(it.folder, 'stranger');
  const { exitCode, stdout, stderr } = await it.ssh(['-tt', ALICE], { key: path });
  expect(exitCode).toBe(255);
  expect(stdout + stderr).not.toMatch(/debian|k3s|Which lab/);
});

test('states are shown as they change', async () => {
  await using own = await withLabs();
  await using terminal = login(own);
  await terminal.shows(/debian {2}new/);
  own.workspaces.glances = { debian: 'waking' };
  await terminal.shows(/debian {2}waking up/);
});

test.each([
  ['q', 'q'],
  ['^C', '\x03'],
  ['^D', '\x04'],
  ['Escape', '\x1b'],
])('%s leaves, with a sentence and status 130, and no lease was taken', async (_what, key) => {
  const before = leases(it).length;
  await using terminal = login(it);
  await terminal.shows(/> 1 {2}debian/);
  terminal.type(key);
  expect(await terminal.ended()).toBe(130);
  expect(terminal.text).toContain('No lab was chosen, and none was started.');
  expect(leases(it).length).toBe(before);
});

test('a terminal that can not move its cursor gets a list and a line to answer in', async () => {
  await using own = await withLabs();
  await using terminal = login(own, [], 'dumb');
  await terminal.shows(
    /You have several labs:\s+1 {2}debian {2}new {2}A plain Debian\s+2 {2}k3s .*leaves\): $/s,
  );
  terminal.type('3\r');
  await terminal.shows(/There is no such lab\.\s+Number or name/);
  terminal.type('debiaX\x7fn\r');
  terminal.type('echo in $((40 + 2))\r');
  await terminal.shows(/in 42/);
  expect(leases(own)).toEqual(['debian']);
});

test.each([
  ['a command', ['true']],
  ['sftp', ['-s', 'sftp']],
  ['a shell without a terminal', []],
  ['a command on a terminal', ['-tt', 'true']],
  ['a gateway command', ['@status']],
])('%s is refused with the choices', async (_what, [first = '', ...more]) => {
  const args = first.startsWith('-') ? [first, ALICE, ...more] : [ALICE, first, ...more];
  const { exitCode, stderr, stdout } = await it.ssh(args.filter((word) => word !== ''));
  expect(exitCode).toBe(1);
  expect(stdout + stderr).toMatch(
    /You have several labs:\r?\n {2}debian {2}A plain Debian\r?\n {2}k3s {2}A cluster of your own\r?\nSay which one, for example: ssh -p \d+ alice\/debian@lab\.example\.org/,
  );
});

test('a forward is refused with the choices, in one line; with a lab named it is served', async () => {
  const refused = await it.ssh(['-W', `127.0.0.1:${it.port}`, ALICE], { asAPersonSees: true });
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toMatch(/You have several labs: debian, k3s\. Say which one, .*alice\/debian@/);
  const named = ['-l', 'alice/k3s', '127.0.0.1'];
  const served = await it.ssh(['-W', `127.0.0.1:${it.port}`, ...named], { input: '' });
  expect(served.stdout).toMatch(/^SSH-2\.0-OpenSSH_SSHLabFactory/);
});

test('the same with a lab named is served', async () => {
  const { stdout } = await it.ssh(['-l', 'alice/k3s', '127.0.0.1', 'echo served']);
  expect(stdout).toBe('served');
  expect(leases(it).at(-1)).toBe('k3s');
});

test('@labs lists the labs with their states, whether one is chosen or not; @help needs none', async () => {
  it.workspaces.glances = { debian: 'suspended' };
  const undecided = await it.ssh([ALICE, '@labs']);
  expect(undecided).toMatchObject({
    stdout: 'debian suspended A plain Debian\nk3s new A cluster of your own',
    stderr: '',
    exitCode: 0,
  });
  const chosen = await it.ssh(['-l', 'alice/k3s', '127.0.0.1', '@labs']);
  expect(chosen.stdout).toBe('k3s new A cluster of your own\ndebian suspended A plain Debian');
  expect((await it.ssh([ALICE, '@help'])).stdout).toMatch(/alice\/debian@.*@status.*@labs/s);
  expect(await it.ssh([ALICE, '@nothing'])).toMatchObject({ exitCode: 2 });
});

test('input that ends before a choice is told the choices', async () => {
  const { stdout, exitCode } = await it.ssh(['-tt', ALICE]);
  expect({ stdout, exitCode }).toMatchObject({
    stdout: expect.stringContaining('You have several labs:'),
    exitCode: 1,
  });
});

test('a client that is killed while it chooses leaves nothing behind', async () => {
  await using own = await withLabs({ limits: { connectionsPerUser: 1 } });
  const client = own.spawn(['-tt', ALICE]);
  let seen = '';
  client.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  await until(() => seen.includes('You have several labs:'));
  expect((await own.ssh([ALICE, '@labs'])).stderr).toContain('1 connections open');
  client.kill('SIGKILL');
  await until(async () => (await own.ssh([ALICE, '@labs'])).exitCode === 0);
  expect(leases(own)).toEqual([]);
});

test('who types nothing is sent away with a sentence', async () => {
  await using own = await withLabs({ limits: { choosing: 1_000 } });
  await using terminal = login(own);
  expect(await terminal.ended()).toBe(1);
  expect(terminal.text).toContain('No lab was chosen for 1 s, so this session ends.');
});

test('a connection in which nobody chooses is ended', async () => {
  await using own = await withLabs({ limits: { refusedStay: 500 } });
  const { exitCode } = await own.ssh(['-N', ALICE]);
  expect(exitCode).toBe(255);
});

test('whose lab is gone from their groups meanwhile is told so', async () => {
  await using terminal = login(it);
  await terminal.shows(/> 1 {2}debian/);
  allowed = [];
  terminal.type('\r');
  expect(await terminal.ended()).toBe(1);
  expect(terminal.text).toContain(`There is no lab ${DEBIAN?.name} for alice.`);
});

test('who chooses while the gateway drains is told so, and people who still choose are told before', async () => {
  await using own = await withLabs();
  await using terminal = login(own);
  await terminal.shows(/> 1 {2}debian/);
  own.gateway.draining.begin({ until: Date.now() + 60_000, message: undefined });
  await terminal.shows(/The lab is restarted in 60 s.*Which lab\?.*> 1 {2}debian/s);
  terminal.type('\r');
  expect(await terminal.ended()).toBe(1);
  expect(terminal.text).toContain('The lab takes no new sessions now');
  expect(leases(own)).toEqual([]);
});

test('one choice counts for all channels of a connection, and pickers that are still shown become shells there', async () => {
  await using own = await withLabs();
  const socket = `${own.folder}/control`;
  const shared = ['-o', 'ControlMaster=auto', '-S', socket];
  await using one = login(own, shared);
  await one.shows(/> 1 {2}debian/);
  await using two = login(own, shared);
  await two.shows(/> 1 {2}debian/);
  expect((await own.ssh([...shared, ALICE, 'true'])).stderr).toContain('You have several labs:');
  one.type('2\r');
  one.type('echo one $((40 + 2))\r');
  await one.shows(/one 42/);
  two.type('echo two $((40 + 2))\r');
  await two.shows(/two 42/);
  expect((await own.ssh([...shared, ALICE, 'echo three'])).stdout).toBe('three');
  const forwarded = await own.ssh([...shared, '-W', `127.0.0.1:${own.port}`, ALICE], { input: '' });
  expect(forwarded.stdout).toMatch(/^SSH-2\.0-OpenSSH_SSHLabFactory/);
  await using four = login(own, shared);
  four.type('echo four $((40 + 2))\r');
  await four.shows(/four 42/);
  expect(four.text).not.toContain('Which lab?');
  expect(leases(own)).toEqual(['k3s']);
  expect(own.workspaces.holders.size).toBe(1);
});
