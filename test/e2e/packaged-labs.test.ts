import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EventRecorder } from './harness/event-recorder.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { request } from './harness/http-request.ts';
import { clusterOfUse } from './harness/kubectl.ts';
import { PROJECT } from './harness/set-up.ts';
import { deploy } from './harness/web-app.ts';
import { Workspace } from './harness/workspace.ts';

const GRACE = 4_000;

describe('the labs that come with the factory', () => {
  const stack = new AsyncDisposableStack();
  let recorder: EventRecorder;
  let factory: Factory;

  beforeAll(async () => {
    recorder = stack.use(await EventRecorder.start());
    const groups = [
      { name: 'both', members: ['alice'], labs: ['debian', 'k3s'], default_lab: 'k3s' },
      { name: 'machine alone', members: ['bob'], labs: ['debian'] },
      { name: 'no default', members: ['carol'], labs: ['debian', 'k3s'] },
    ];
    const config = { groups, labs: [join(PROJECT, 'labs')] };
    factory = stack.use(await Factory.start({ grace: `${GRACE}ms`, stopAfter: '15s', config }));
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  /** What is paused is stopped soon: a look at it could come too late, the engine's record cannot. */
  async function isPaused(user: string, lab: string, role: 'container' | 'node', since: number) {
    await recorder.next(await factory.instance(), { user, lab, role, action: 'pause' }, since);
  }

  test('debian is a Debian machine whose user may become root, with its exercise', async () => {
    const bob = await factory.student('bob');
    await using _held = await bob.hold();
    expect(await bob.run('. /etc/os-release; echo $ID; whoami; sudo id -un')).toBe('debian\nlab\nroot');
    expect(await bob.run('head -1 README.md; sudo apt-get --version | head -1')).toMatch(/^# Ten .*\napt /);
    expect(await bob.run('! command -v kubectl && ! command -v helm && echo none')).toBe('none');
  });

  test('debian shows programs on the X server of the client', async () => {
    const bob = await factory.student('bob');
    const options = { args: ['-Y', '-o', 'LogLevel=ERROR'], env: { DISPLAY: '127.0.0.1:99' } };
    // The first time xauth says that it makes a file, as with any sshd.
    expect((await bob.exec('echo $DISPLAY; xauth list | wc -l', options)).stdout).toBe('localhost:10.0\n1\n');
    expect(await bob.run('echo "[$DISPLAY]"')).toBe('[]');
  });

  test('debian says plainly that it has no cluster', async () => {
    const bob = await factory.student('bob');
    await using _held = await bob.hold();
    const kubeconfig = await bob.exec('@kubeconfig');
    expect(kubeconfig.stdout).toBe('');
    expect(kubeconfig.exitCode).not.toBe(0);
    expect(kubeconfig.stderr).toMatch(/^This lab has no cluster\./);
    const status = await bob.run('@status');
    expect(status.split('\n').slice(0, 3)).toEqual([
      'workspace  bob/debian',
      'container  ready',
      'cluster    this lab has none',
    ]);
    expect(status).not.toContain('urls');
  });

  test('debian sleeps, is stopped, and comes back; the home outlives the machine', async () => {
    const bob = await factory.student('bob');
    const workspace = new Workspace(factory, 'bob', 'debian');
    await bob.run('echo kept >~/kept; sudo touch /etc/kept');
    await isPaused('bob', 'debian', 'container', Date.now());
    expect(await bob.run('cat ~/kept /etc/kept')).toBe('kept');
    await workspace.becomes('exited');
    expect(await bob.run('cat ~/kept /etc/kept')).toBe('kept');
    await bob.run('@reset --yes');
    expect(await bob.run('cat ~/kept; ls /etc/kept 2>/dev/null || echo gone')).toBe('kept\ngone');
  });

  test('who has several and a default is in the default; who has no default is told the names', async () => {
    const alice = await factory.student('alice');
    expect(await alice.run('command -v kubectl')).toBe('/usr/local/bin/kubectl');
    expect(await alice.run('@status')).toMatch(/^other labs debian$/m);
    const carol = await factory.student('carol');
    const { exitCode, stderr } = await carol.exec('true');
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/You have several labs:\r?\n +debian .*\n +k3s .*\n.*carol\/debian@/);
  });

  test('debian never takes the host of the same user from k3s, awake or asleep', async () => {
    const alice = await factory.student('alice');
    const session = await alice.hold();
    await clusterOfUse(alice);
    await deploy(alice, { name: 'hello', says: 'hello from the cluster', hosts: ['alice.lab.test'] });
    const answers = async (what: RegExp) =>
      eventually(
        async () => {
          const { body } = await request({
            url: 'http://alice.lab.test/',
            at: factory.endpoints.routes.http,
          });
          return what.test(body);
        },
        { what: `the host answers with ${what}` },
      );
    await answers(/hello from the cluster/);

    const machine = new Workspace(factory, 'alice', 'debian');
    await alice.run('true', { login: 'alice/debian' });
    const leftMachineAt = Date.now();
    await answers(/hello from the cluster/);
    await isPaused('alice', 'debian', 'container', leftMachineAt);
    await answers(/hello from the cluster/);

    await using _held = await alice.hold({ login: 'alice/debian' });
    const leftClusterAt = Date.now();
    await session.logOut();
    for (const role of ['container', 'node'] as const) await isPaused('alice', 'k3s', role, leftClusterAt);
    await answers(/asleep/i);
    expect(await machine.state()).toBe('running');
  });
});
