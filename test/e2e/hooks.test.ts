import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { json, OK, status } from '../../src/hooks/testing/receiver.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import { HOOK_CONFIG, HOOK_SECRET, HookReceiver, hooksTo } from './harness/hook-receiver.ts';
import { LAB_IMAGE } from './harness/set-up.ts';
import type { ExecResult } from './harness/student.ts';
import { freePort } from './harness/taken-port.ts';
import { Workspace } from './harness/workspace.ts';

const GRACE = 15_000;

/** Of alice's lab. Long: whose client is killed has to be back before it is over, on a busy machine as well. */
const LONG_GRACE = 30_000;

/** With room for the grace time and a busy machine. */
const WITHIN = LONG_GRACE + PATIENCE;

/** Of the time stamps: a hook has that of when it is written down, ms. */
const WRITTEN_WITHIN = LONG_GRACE / 2;

const MESSAGE = 'You are in the blue team.';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const GIVEN = json({
  environment: { TEAM: 'blue' },
  values: { seat: '7' },
  files: [
    { path: '/home/lab/.config/team', content: base64('blue\n'), mode: '0600' },
    { path: '/etc/team', content: base64('all blue\n'), mode: '0640' },
  ],
  message: MESSAGE,
});

const CONTAINER = { image: LAB_IMAGE, user: 'lab', env: { SEAT: 'seat {{ values.seat }}' } };
/** A login waits three times as long for an answer that lets it in; where none comes it takes that long. */
const UNANSWERED = { timeout: '4s' };
/** With room for an answer on a busy machine. */
const REFUSED = { timeout: '8s' };

describe('the hooks of a lab', () => {
  const stack = new AsyncDisposableStack();
  let receiver: HookReceiver;
  let downUrl: string;
  let factory: Factory;

  beforeAll(async () => {
    receiver = stack.use(await HookReceiver.start());
    // Nobody may get its port by chance, as it listens there again later.
    await using down = await HookReceiver.start(await freePort());
    downUrl = down.url;
    const only = (url: string, more: object) => ({
      ...PLAIN_LAB,
      hooks: hooksTo(url, ['initialization'], { required: true, ...more }),
    });
    const whole = {
      container: CONTAINER,
      hooks: hooksTo(receiver.url, undefined, { required: true, values: ['seat'], timeout: '60s' }),
    };
    factory = stack.use(
      await Factory.start({
        grace: `${GRACE}ms`,
        labs: {
          full: { ...whole, lifecycle: { grace: `${LONG_GRACE}ms` } },
          brief: whole,
          strict: only(receiver.url, REFUSED),
          down: only(downUrl, UNANSWERED),
          lax: only(downUrl, { ...UNANSWERED, required: false }),
        },
        groups: [
          { name: 'class-a', members: ['alice', 'slow'], labs: ['full'] },
          { name: 'class-b', members: ['dora', 'erin'], labs: ['brief'] },
          { name: 'refused', members: ['forbidden', 'redirected'], labs: ['strict'] },
          { name: 'alone', members: ['bob'], labs: ['down'] },
          { name: 'lax', members: ['carol'], labs: ['lax'] },
        ],
        config: HOOK_CONFIG,
        env: { HOOK_SECRET },
      }),
    );
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => {
    receiver.answers(GIVEN);
    factory.showLogOnFailure(context);
  });

  const run = (...args: string[]) => runFactory(factory.folder, args);

  test('from the first login to the last logout and the deletion: each once, in order', {
    timeout: 8 * 60_000,
  }, async () => {
    const alice = await factory.student('alice');
    const terminal = stack.use(alice.terminal());
    await terminal.shows(/You are in the blue team\.[\s\S]*\$ $/);
    const [initialization, ...rest] = await receiver.have('alice', 3);
    expect(rest.map(({ type }) => type)).toEqual(['first_session', 'session_start']);
    expect(initialization).toEqual({
      type: 'initialization',
      delivery: { id: expect.stringMatching(/^msg_/) },
      timestamp: expect.any(String),
      username: 'alice',
      environment: 'full',
      groups: ['class-a'],
      role: 'student',
      host: 'alice.lab.test',
      configuration_id: expect.stringMatching(/^cfg_/),
      session: {
        id: expect.any(String),
        client_address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        client: expect.stringContaining('OpenSSH'),
        began_at: expect.any(String),
      },
      cause: null,
    });
    expect(rest.map(({ session }) => session)).toEqual([initialization?.session, initialization?.session]);
    terminal.type('echo "$TEAM, $SEAT"\r');
    await terminal.shows(/^blue, seat 7/m);

    // Others come and go: they have the same, and nothing more is said to programs.
    const look = 'echo "$TEAM, $SEAT"; cat ~/.config/team; stat -c "%a %U" ~/.config/team /etc/team';
    const other = await alice.exec(look);
    expect(other).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: 'blue, seat 7\nblue\n600 lab\n640 root\n',
    });
    await receiver.have('alice', 5);
    const files = await alice.sftp('get .config/team /dev/null\n');
    expect(files.exitCode).toBe(0);
    expect(files.stdout + files.stderr).not.toContain(MESSAGE);
    await receiver.have('alice', 7);
    expect(receiver.typesOf('alice').slice(3)).toEqual([
      'session_start',
      'session_end',
      'session_start',
      'session_end',
    ]);

    // Those who are last: a client that is killed. Who is back within the grace time is no new beginning.
    const last = stack.use(await alice.hold());
    terminal.type('exit\r');
    await terminal.ended();
    await receiver.have('alice', 9);
    await last.kill();
    const [end, gone] = (await receiver.have('alice', 11)).slice(9);
    expect([end?.type, gone?.type]).toEqual(['session_end', 'last_session']);
    expect(['closed', 'lost']).toContain(end?.cause);
    expect(gone).toMatchObject({ cause: end?.cause, session: end?.session });
    expect(await alice.run('echo "$TEAM"')).toBe('blue');

    const all = await receiver.have('alice', 16, WITHIN);
    expect(all.slice(11).map(({ type }) => type)).toEqual([
      'first_session',
      'session_start',
      'session_end',
      'last_session',
      'cleanup',
    ]);
    const [back, cleanup] = [all[14], all[15]];
    expect(cleanup).toMatchObject({
      configuration_id: initialization?.configuration_id,
      cause: 'grace',
      session: null,
    });
    expect(Date.parse(cleanup?.timestamp ?? '') - Date.parse(back?.timestamp ?? '')).toBeGreaterThan(
      LONG_GRACE - WRITTEN_WITHIN,
    );

    // A new beginning, which an order ends.
    await using _held = await alice.hold();
    const order = ['delete', 'alice/full', '--home', '--end-sessions', '--yes'];
    const { code, stdout, stderr } = await run('workspace', ...order);
    expect([code, stdout + stderr]).toEqual([0, 'Container, cluster and home of alice/full are gone.']);
    const whole = await receiver.have('alice', 23);
    expect(whole.slice(16).map(({ type }) => type)).toEqual([
      'initialization',
      'first_session',
      'session_start',
      'session_end',
      'last_session',
      'cleanup',
      'delete',
    ]);
    const [again, cleaned] = [whole[16], whole[21]];
    expect(again?.configuration_id).not.toBe(initialization?.configuration_id);
    expect(cleaned).toMatchObject({ configuration_id: again?.configuration_id, cause: 'command' });
  });

  test('an initialization that takes its time: a terminal says so, a command waits in silence', async () => {
    const slow = await factory.student('slow');
    const asked = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    receiver.answers((received, response) => {
      if (received.type !== 'initialization') return OK(received, response);
      asked.resolve();
      void open.promise.then(() => GIVEN(received, response));
    });
    await using terminal = slow.terminal();
    await asked.promise;
    const command = slow.exec('echo "$TEAM"');
    await terminal.shows('preparing your lab');
    expect(receiver.typesOf('slow')).toEqual(['initialization']);
    open.resolve();
    expect(await command).toMatchObject({ exitCode: 0, stderr: '', stdout: 'blue\n' });
    await terminal.shows(/You are in the blue team\.[\s\S]*\$ $/);
  });

  /** One sentence, and an id by which the log tells why. */
  async function expectRefused(result: ExecResult, why: string): Promise<void> {
    expect(result).toMatchObject({ exitCode: 254, stdout: '' });
    const [, id = ''] =
      /^The lab could not be prepared for you: .* \(error ([0-9a-f]{8})\)\r?\n$/.exec(result.stderr) ?? [];
    expect(id, result.stderr).not.toBe('');
    const found = await eventually(
      async () => {
        const { code, stdout } = await run('logs', '--error', id);
        return code === 0 && stdout;
      },
      { what: `the log has the error ${id}` },
    );
    expect(found).toContain(why);
  }

  test('a required initialization that fails keeps people out, and nothing runs for them; one that is not lets them in', async () => {
    receiver.answers((received, response) => {
      const answer =
        received.user === 'forbidden' ? status(403) : status(307, { location: `${receiver.url}/elsewhere` });
      answer(received, response);
    });
    const refusals = { bob: 'ECONNREFUSED', forbidden: '403', redirected: '307' };
    const [carol] = await Promise.all([
      factory.student('carol').then((student) => student.exec('echo in')),
      ...Object.entries(refusals).map(async ([user, why]) => {
        const student = await factory.student(user);
        await expectRefused(await student.exec('true'), why);
      }),
    ]);
    expect(carol).toMatchObject({ exitCode: 0, stdout: 'in\n', stderr: '' });
    await eventually(
      async () => (await run('logs', 'carol/lax')).stdout.includes('a hook was not delivered'),
      { what: 'the log has that the hook was not delivered' },
    );
    expect(receiver.paths).not.toContain('/elsewhere');
    await eventually(
      async () => {
        const places = [new Workspace(factory, 'bob', 'down'), new Workspace(factory, 'forbidden', 'strict')];
        const states = await Promise.all(places.map((place) => place.state()));
        return !states.some((state) => state === 'running' || state === 'mixed');
      },
      { what: 'no container runs for who was refused', within: WITHIN },
    );

    await using _up = await HookReceiver.start(Number(new URL(downUrl).port));
    receiver.answers(OK);
    for (const user of Object.keys(refusals)) {
      expect(await (await factory.student(user)).run('echo in')).toBe('in');
    }
  });

  test('a factory that is killed: who was there gets an end, and what waited comes as it was', async () => {
    const [dora, erin] = [await factory.student('dora'), await factory.student('erin')];
    receiver.answers((received, response) => {
      const answer = received.user === 'erin' && received.type === 'first_session' ? status(503) : GIVEN;
      answer(received, response);
    });
    await using _held = await dora.hold();
    await erin.run('true');
    const [, waiting] = await receiver.have('erin', 2);
    const id = waiting?.delivery.id ?? '';
    const listed = new RegExp(`^${id} +erin/brief +first_session .* answered 503$`, 'm');
    await eventually(async () => listed.test((await run('hooks')).stdout), {
      what: 'the list has what waits',
    });
    await factory.kill();
    expect((await run('hooks')).stdout).toMatch(listed);
    receiver.answers(OK);
    await factory.startAgain();
    expect(await run('hooks', 'retry', '--all')).toMatchObject({ code: 0 });

    const types = ['first_session', 'session_start', 'session_end', 'last_session', 'cleanup'];
    const hooks = (await receiver.have('dora', 6, WITHIN)).slice(1);
    expect(hooks.map(({ type }) => type)).toEqual(types);
    expect(hooks.slice(2, 4).map(({ cause }) => cause)).toEqual(['factory_killed', 'factory_killed']);
    expect(hooks[4]).toMatchObject({ cause: 'grace', configuration_id: hooks[0]?.configuration_id });

    await eventually(() => receiver.typesOf('erin').includes('cleanup'), {
      what: 'all for erin',
      within: WITHIN,
    });
    const tries = receiver.of('erin').slice(1);
    expect(tries.filter(({ type }) => type === 'first_session').map(({ delivery }) => delivery.id)).toContain(
      id,
    );
    const distinct = new Map(tries.map(({ delivery, type }) => [delivery.id, type]));
    expect([...distinct.values()]).toEqual(types);
    // What is answered is struck off a moment later.
    await eventually(async () => !/dora|erin/.test((await run('hooks')).stdout), { what: 'nothing waits' });
  });
});
