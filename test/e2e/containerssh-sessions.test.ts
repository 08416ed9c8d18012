import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { json, OK } from '../../src/hooks/testing/receiver.ts';
import { NO_DOCKER } from './harness/cluster-service.ts';
import { ContainerSshConnection, WEBHOOK_SECRET } from './harness/containerssh-client.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { CLUSTER_LAB, PLAIN_LAB } from './harness/factory-files.ts';
import { HOOK_CONFIG, HOOK_SECRET, HookReceiver, hooksTo } from './harness/hook-receiver.ts';
import { Workspace } from './harness/workspace.ts';

const GRACE = 1_000;
/** Longer than an engine that is busy takes to begin a shell in a container that has just been made. */
const LEFT_BEHIND_AFTER = 30_000;
/** Longer than a busy machine takes to make the workspace, too: it counts from the first question on. */
const MAX_SESSION = 60_000;

/** Longer than a call of ContainerSSH is let wait, so that it has to ask again. */
const INITIALIZATION = 4_000;

const CLUSTER_WITHIN = 120_000;

/** With room for what is waited for, and a busy machine. */
const WITHIN = GRACE + LEFT_BEHIND_AFTER + MAX_SESSION + PATIENCE;

describe('sessions through a ContainerSSH, by the containers that it makes and leaves', () => {
  const stack = new AsyncDisposableStack();
  let receiver: HookReceiver;
  let factory: Factory;

  beforeAll(async () => {
    receiver = stack.use(await HookReceiver.start());
    const folder = await mkdtemp(join(tmpdir(), 'hook-secret-'));
    stack.defer(() => rm(folder, { recursive: true }));
    // A file: of these variables the process with the Docker socket has none, and it reads the secret as well.
    const secret = join(folder, 'secret');
    await writeFile(secret, HOOK_SECRET, { mode: 0o600 });
    const lifecycle = { left_behind_after: `${LEFT_BEHIND_AFTER}ms` };
    factory = stack.use(
      await Factory.start({
        grace: `${GRACE}ms`,
        labs: {
          plain: { ...PLAIN_LAB, lifecycle },
          short: { ...PLAIN_LAB, lifecycle: { max_session: `${MAX_SESSION}ms` } },
          k3s: {
            ...CLUSTER_LAB,
            lifecycle,
            hooks: hooksTo(receiver.url, undefined, { required: true, timeout: '60s' }),
          },
        },
        groups: [
          { name: 'plain', members: ['alice', 'bob', 'carol', 'dora', 'erin'], labs: ['plain'] },
          { name: 'short', members: ['frank'], labs: ['short'] },
          { name: 'cluster', members: ['grace'], labs: ['k3s'] },
        ],
        split: true,
        config: {
          ...HOOK_CONFIG,
          secrets: { hooks: { file: secret } },
          containerssh: { listen: '127.0.0.1:0', secret: { env: 'WEBHOOK_SECRET' } },
        },
        env: { DOCKER_HOST: NO_DOCKER, WEBHOOK_SECRET },
      }),
    );
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  /** Somebody who is in by ContainerSSH alone, in a shell that waits for keys. */
  async function connected(user: string, lab = 'plain') {
    const student = await factory.student(user);
    const workspace = new Workspace(factory, user, lab);
    const connection = stack.use(await ContainerSshConnection.open(factory, user, student.publicKey));
    const shell = await connection.shell();
    await holds(user, lab);
    return { student, workspace, connection, shell };
  }

  /** Its session is among those of the factory. */
  const holds = (user: string, lab = 'plain') =>
    eventually(async () => (await sessionsOf(user, lab)).includes('through ContainerSSH'), {
      what: `${user} has a session through ContainerSSH`,
    });

  async function sessionsOf(user: string, lab: string): Promise<string> {
    const { stdout } = await runFactory(factory.folder, ['status']);
    const from = stdout.indexOf(`${user}/${lab}`);
    return from < 0 ? '' : stdout.slice(from);
  }

  test('a clean end has the workspace paused; what was left behind, too, while an idle shell stays', async () => {
    const [alice, bob, carol] = await Promise.all([connected('alice'), connected('bob'), connected('carol')]);
    await carol.connection.remove();
    // As after a client that was killed: the command has ended, and the container is still there.
    bob.shell.write('exit\n');
    await carol.workspace.becomes('paused', WITHIN);
    await bob.workspace.becomes('paused', WITHIN);
    expect(await bob.connection.isThere()).toBe(false);
    expect(await alice.workspace.state()).toBe('running');
    expect(await alice.connection.isThere()).toBe(true);

    await factory.kill();
    await factory.startAgain();
    expect(await bob.student.run('echo here')).toContain('here');
    await bob.workspace.becomes('paused', WITHIN);
    expect(await alice.workspace.state()).toBe('running');
    await holds('alice');

    await alice.connection.remove();
    await alice.workspace.becomes('paused', WITHIN);
  });

  test.concurrent('an order, the word of ContainerSSH, and max_session: each ends a shell and takes its container away', async () => {
    const order = ['workspace', 'suspend', 'dora/plain', '--end-sessions'];
    await Promise.all([
      connected('dora').then(async (dora) => {
        expect(await runFactory(factory.folder, order)).toMatchObject({ code: 0 });
        await isOver(dora);
      }),
      connected('erin').then(async (erin) => {
        await erin.connection.tellEnd();
        await isOver(erin);
      }),
      connected('frank', 'short').then(isOver),
    ]);
  });

  async function isOver({ workspace, connection }: Awaited<ReturnType<typeof connected>>): Promise<void> {
    await workspace.becomes('paused', WITHIN);
    expect(await connection.isThere()).toBe(false);
  }

  test.concurrent('with a cluster: initialized once however often it is asked, left behind, paused with its cluster, each hook once', async () => {
    const given = json({ environment: { TEAM: 'blue' } });
    receiver.answers((received, response) => {
      if (received.type !== 'initialization') return OK(received, response);
      setTimeout(() => given(received, response), INITIALIZATION);
    });
    const { connection, shell, workspace } = await connected('grace', 'k3s');
    expect(await connection.run('echo "$TEAM"')).toBe('blue\n');
    await eventually(async () => / Ready /.test(await connection.run('kubectl get nodes')), {
      what: 'kubectl works in the container',
      within: CLUSTER_WITHIN,
    });
    expect(receiver.typesOf('grace')).toEqual(['initialization', 'first_session', 'session_start']);

    // The command has ended, and the container is still there.
    shell.write('exit\n');
    await workspace.becomes('paused', WITHIN);
    expect(await connection.isThere()).toBe(false);
    const [node, container] = [await workspace.node(), await workspace.labContainer()];
    expect([node.State.Status, container.State.Status]).toEqual(['paused', 'paused']);
    const ends = (await receiver.have('grace', 6)).slice(3);
    expect(ends.map(({ type, cause }) => [type, cause])).toEqual([
      ['session_end', 'lost'],
      ['last_session', 'lost'],
      ['cleanup', 'grace'],
    ]);
    expect(factory.log).toContain('the workspace is on its way');
  });
});
