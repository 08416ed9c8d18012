import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_DOCKER } from './harness/cluster-service.ts';
import { ContainerSshConnection, WEBHOOK_SECRET } from './harness/containerssh-client.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { PLAIN_LAB } from './harness/factory-files.ts';
import { Workspace } from './harness/workspace.ts';

const GRACE = 1_000;
/** Longer than an engine that is busy takes to begin a shell in a container that has just been made. */
const LEFT_BEHIND_AFTER = 15_000;

/** With room for what is waited for, and a busy machine. */
const WITHIN = GRACE + LEFT_BEHIND_AFTER + PATIENCE;

describe('sessions through a ContainerSSH, by the containers that it makes and leaves', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;

  beforeAll(async () => {
    factory = stack.use(
      await Factory.start({
        grace: `${GRACE}ms`,
        labs: { plain: { ...PLAIN_LAB, lifecycle: { left_behind_after: `${LEFT_BEHIND_AFTER}ms` } } },
        split: true,
        config: { containerssh: { listen: '127.0.0.1:0', secret: { env: 'WEBHOOK_SECRET' } } },
        env: { DOCKER_HOST: NO_DOCKER, WEBHOOK_SECRET },
      }),
    );
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  /** Somebody who is in by ContainerSSH alone, in a shell that waits for keys. */
  async function connected(user: string) {
    const student = await factory.student(user);
    const workspace = new Workspace(factory, user, 'plain');
    const connection = stack.use(await ContainerSshConnection.open(factory, user, student.publicKey));
    const shell = await connection.shell();
    await holds(user);
    return { student, workspace, connection, shell };
  }

  /** Its session is among those of the factory. */
  const holds = (user: string) =>
    eventually(async () => (await sessionsOf(user)).includes('through ContainerSSH'), {
      what: `${user} has a session through ContainerSSH`,
    });

  async function sessionsOf(user: string): Promise<string> {
    const { stdout } = await runFactory(factory.folder, ['status']);
    const from = stdout.indexOf(`${user}/plain`);
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

  test('an order that ends sessions takes the container away', async () => {
    const { connection, workspace } = await connected('dora');
    const { code } = await runFactory(factory.folder, [
      'workspace',
      'suspend',
      'dora/plain',
      '--end-sessions',
    ]);
    expect(code).toBe(0);
    await workspace.becomes('paused', WITHIN);
    expect(await connection.isThere()).toBe(false);
  });
});
