import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FactoryStatus, factoryStatusSchema } from '../../src/control/status-schema.ts';
import { recordedEventSchema } from '../../src/history/event-schema.ts';
import { dockerNames } from '../../src/names/docker-names.ts';
import { parseInstanceId } from '../../src/names/instance-id.ts';
import { parseWorkspaceKey } from '../../src/names/workspace-key.ts';
import { dockerLines } from './harness/docker.ts';
import { EventRecorder } from './harness/event-recorder.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { type CommandOutcome, runFactory } from './harness/factory-command.ts';
import { CLUSTER_LAB, PLAIN_LAB } from './harness/factory-files.ts';
import { clusterOfUse, kubectl } from './harness/kubectl.ts';
import type { Student } from './harness/student.ts';
import { Workspace } from './harness/workspace.ts';

/** Long: what sleeps before it was told to, or before a look at it is over on a busy machine. */
const GRACE = 30_000;

const stack = new AsyncDisposableStack();
let factory: Factory;
let instance: string;
let recorder: EventRecorder;
let alice: Student;
let workspace: Workspace;

beforeAll(async () => {
  recorder = stack.use(await EventRecorder.start());
  const labs = { plain: PLAIN_LAB, k3s: CLUSTER_LAB };
  const groups = [
    { name: 'light', members: ['alice', 'bob'], labs: ['plain'] },
    { name: 'heavy', members: ['carol'], labs: ['k3s'] },
  ];
  factory = stack.use(await Factory.start({ grace: `${GRACE}ms`, labs, groups }));
  instance = await factory.instance();
  alice = await factory.student('alice');
  workspace = new Workspace(factory, 'alice', 'plain');
});
afterAll(() => stack.disposeAsync());
beforeEach((context) => factory.showLogOnFailure(context));

function order(...args: string[]): Promise<CommandOutcome> {
  return runFactory(factory.folder, ['workspace', ...args]);
}

async function statusOf(user: string) {
  const { stdout } = await runFactory(factory.folder, ['status', '--json']);
  const status: FactoryStatus = factoryStatusSchema.parse(JSON.parse(stdout));
  return status.workspaces.find((one) => one.user === user);
}

/** Resolves when sessions that just ended are over for the factory as well: orders are refused while somebody is there. */
async function nobodyIn(user: string): Promise<void> {
  await eventually(async () => (await statusOf(user))?.sessions.length === 0, {
    what: `nobody is in ${user}'s`,
  });
}

/** Why the workspace of alice was suspended the last time, by the factory's history. */
async function causeOfSuspend(): Promise<unknown> {
  const { stdout } = await runFactory(factory.folder, ['events', 'alice/plain', '--json']);
  const events = stdout
    .split('\n')
    .flatMap((line) => (line === '' ? [] : recordedEventSchema.parse(JSON.parse(line))));
  const last = events.findLast((event) => event.kind === 'step_done' && event.action === 'suspend');
  return last?.kind === 'step_done' ? last.cause : undefined;
}

function namesOf(user: string, lab: string) {
  const id = parseInstanceId(instance);
  const key = parseWorkspaceKey(user, lab);
  if (id === undefined || key === undefined) throw new Error(`${user}/${lab} is no workspace`);
  return dockerNames(id, key);
}

const networks = () => dockerLines(['network', 'ls', '--format', '{{.Name}}']);
const volumes = () => dockerLines(['volume', 'ls', '--quiet']);

describe('a workspace without a cluster', () => {
  test('is not put to sleep while somebody is there, unless that is said; who is there is told one sentence', async () => {
    await using terminal = alice.terminal();
    await terminal.shows(/\$ $/);
    const refused = await order('suspend', 'alice/plain');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/127\.0\.0\.1:\d+, OpenSSH, connected for /);
    expect(await workspace.state()).toBe('running');
    expect(terminal.text).not.toMatch(/ended|operator/i);

    const before = terminal.text.length;
    const done = await order('suspend', 'alice/plain', '--end-sessions');
    expect(done).toMatchObject({ code: 0, stdout: 'alice/plain is suspended; its next session wakes it.' });
    expect(await workspace.state()).toBe('paused');
    // Not because the grace time was over.
    expect(await causeOfSuspend()).toMatchObject({ kind: 'command', command: 'suspend' });
    await terminal.ended();
    expect(terminal.text.slice(before)).toContain('This session is ended by the operator of the lab.');
    expect(await statusOf('alice')).toMatchObject({ state: 'suspended', order: 'suspend', sessions: [] });
  });

  test('wakes for whoever comes, whatever was ordered', async () => {
    expect(await alice.run('echo in')).toBe('in');
    expect(await statusOf('alice')).toMatchObject({ state: 'running', order: null });
  });

  test('is stopped, also with several and with --all', async () => {
    expect(await (await factory.student('bob')).run('echo in')).toBe('in');
    await nobodyIn('bob');
    const { code, stdout } = await order('stop', '--all');
    expect(code).toBe(0);
    expect(stdout.split('\n').sort()).toEqual([
      'alice/plain is stopped; its next session wakes it.',
      'bob/plain is stopped; its next session wakes it.',
    ]);
    expect(await workspace.state()).toBe('exited');
    expect((await order('suspend', '--all')).stdout).toMatch(/^No workspace/);
  });

  test('is started, and goes to sleep again after the grace time', async () => {
    const from = Date.now();
    const done = await order('start', 'alice/plain', 'bob/plain');
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/^alice\/plain is running/);
    expect(await workspace.state()).toBe('running');
    const started = await recorder.next(instance, { user: 'alice', action: 'start' }, from);
    const pause = await recorder.next(instance, { user: 'alice', action: 'pause' }, from, GRACE + PATIENCE);
    expect(pause.at - started.at).toBeGreaterThanOrEqual(GRACE);
  });

  test('is kept awake by a pin beyond the grace time, and let go by unpin', async () => {
    const pinned = await order('pin', 'alice/plain', '--for', '1h');
    expect(pinned).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^alice\/plain is kept awake until/),
    });
    await workspace.becomes('running');
    const pin = (await statusOf('alice'))?.pin;
    expect(pin?.by).toMatch(/./);
    expect(Date.parse(pin?.until ?? '') - Date.now()).toBeGreaterThan(3_500_000);
    // A session that comes and goes changes nothing of it.
    await alice.run('true');
    const gone = Date.now();
    await recorder.none(instance, { user: 'alice', action: 'pause' }, gone, GRACE + 5_000);
    expect(await order('unpin', 'alice/plain')).toMatchObject({ code: 0 });
    await workspace.becomes('paused', GRACE + PATIENCE);
    expect((await statusOf('alice'))?.pin).toBeNull();
  });

  test('gets a new container, with the home as it was', async () => {
    await alice.run('echo kept > file; touch /tmp/mark');
    const before = (await workspace.labContainer()).Id;
    await nobodyIn('alice');
    expect(await order('reset', 'alice/plain', '--container', '--yes')).toMatchObject({ code: 0 });
    expect(await alice.run('cat file; ls /tmp/mark 2>/dev/null || echo new')).toBe('kept\nnew');
    expect((await workspace.labContainer()).Id).not.toBe(before);
    const refused = await order('reset', 'alice/plain', '--yes');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/cluster/) });
  });

  test('is not deleted unless that is confirmed; then all of it goes but the home', async () => {
    const names = namesOf('alice', 'plain');
    const refused = await order('delete', 'alice/plain');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was changed.') });
    expect(await workspace.state()).not.toBe('absent');

    await nobodyIn('alice');
    expect(await order('delete', 'alice/plain', '--yes')).toMatchObject({ code: 0 });
    expect(await workspace.state()).toBe('absent');
    expect(await networks()).not.toContain(names.network);
    expect(await volumes()).toContain(names.homeVolume);
    expect(await statusOf('alice')).toBeUndefined();
    expect(await alice.run('cat file')).toBe('kept');

    const home = await order('delete', 'alice/plain', '--home', '--end-sessions', '--yes');
    expect(home).toMatchObject({ code: 0, stdout: expect.stringContaining('are gone') });
    expect(await volumes()).not.toContain(names.homeVolume);
    expect(await alice.run('cat file 2>/dev/null || echo new')).toBe('new');
  });

  test('that is none is a sentence and an exit code', async () => {
    for (const command of ['suspend', 'stop', 'unpin']) {
      const { code, stdout, stderr } = await order(command, 'nobody/plain');
      expect([command, code, stdout]).toEqual([command, 1, '']);
      expect(stderr).toMatch(/nobody\/plain/);
      expect(stderr).not.toContain('errorId');
    }
    const json = await order('suspend', 'nobody/plain', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      results: [{ workspace: 'nobody/plain', ok: false, error: { code: 'WORKSPACE_UNKNOWN' } }],
    });
    expect((await order('suspend', 'no such thing')).code).toBe(1);
  });
});

describe('a workspace with a cluster', () => {
  let carol: Student;
  let heavy: Workspace;
  beforeAll(async () => {
    carol = await factory.student('carol');
    heavy = new Workspace(factory, 'carol');
    await carol.run('until kubectl get --raw=/readyz; do sleep 0.5; done', { timeout: 200_000 });
    await clusterOfUse(carol);
    await kubectl(carol, 'create configmap mark --from-literal=a=b');
  });

  test('is suspended and started again', async () => {
    const suspended = await order('suspend', 'carol/k3s', '--end-sessions');
    expect(suspended).toMatchObject({ code: 0 });
    expect(await heavy.state()).toBe('paused');
    expect((await statusOf('carol'))?.route?.state).toBe('asleep');
    expect(await order('start', 'carol/k3s')).toMatchObject({ code: 0 });
    // Both at once, as the grace time runs.
    const [state, status] = await Promise.all([heavy.state(), statusOf('carol')]);
    expect([state, status?.route?.state]).toEqual(['running', 'awake']);
  });

  test('gets a new cluster; the state of the old one is kept aside', async () => {
    await using _session = await carol.hold();
    await clusterOfUse(carol);
    expect(await kubectl(carol, 'get configmap mark -o jsonpath={.data.a}')).toBe('b');
    const before = (await heavy.node()).Id;
    const state = (await heavy.node()).Mounts.map(({ Source }) => Source.split('/').at(-2) ?? '');
    const reset = await order('reset', 'carol/k3s', '--yes', '--timeout', '4m');
    expect(reset).toMatchObject({ code: 0, stdout: expect.stringContaining('kept aside') });
    expect((await heavy.node()).Id).not.toBe(before);
    await clusterOfUse(carol);
    expect(await carol.run('kubectl get configmap mark 2>&1 || true')).toMatch(/not found/);
    const kept = await volumes();
    expect(state.filter((name) => kept.includes(name))).not.toEqual([]);
    // It is not a week old.
    expect(JSON.parse((await runFactory(factory.folder, ['gc', '--json'])).stdout).orphans).toEqual([]);
  });

  test('is deleted, cluster and networks included', async () => {
    const names = namesOf('carol', 'k3s');
    expect(await networks()).toEqual(expect.arrayContaining([names.network, names.clusterNetwork]));
    await nobodyIn('carol');
    expect(await order('delete', 'carol/k3s', '--yes')).toMatchObject({ code: 0 });
    expect(await heavy.state()).toBe('absent');
    const left = await networks();
    for (const network of [names.network, names.clusterNetwork]) expect(left).not.toContain(network);
    expect(await volumes()).toContain(names.homeVolume);
  });
});
