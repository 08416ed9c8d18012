import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_DOCKER } from './harness/cluster-service.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { clusterOfUse } from './harness/kubectl.ts';
import type { SshSession } from './harness/ssh-session.ts';
import type { Student } from './harness/student.ts';
import { Workspace } from './harness/workspace.ts';

const GRACE = 4_000;

/** With room for the grace time and a busy machine. */
const ASLEEP_WITHIN = GRACE + 30_000;

describe('the Docker socket in a process of its own, and a gateway that has none', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;

  beforeAll(async () => {
    factory = stack.use(
      await Factory.start({
        domain: 'localhost',
        grace: `${GRACE}ms`,
        split: true,
        env: { DOCKER_HOST: NO_DOCKER },
      }),
    );
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  /** A student who is in, and whose node is just being made. */
  async function midCreation(
    name: string,
  ): Promise<{ student: Student; workspace: Workspace; session: SshSession }> {
    const student = await factory.student(name);
    const workspace = new Workspace(factory, name);
    const session = stack.use(await student.hold());
    await eventually(async () => (await workspace.containers('node')).length > 0, {
      what: `the node of ${name} is being made`,
      within: 60_000,
      every: 50,
    });
    return { student, workspace, session };
  }

  test('a student gets container and cluster, and the last one out has them paused', async () => {
    const alice = await factory.student('alice');
    const workspace = new Workspace(factory, 'alice');
    const session = stack.use(await alice.hold());
    await clusterOfUse(alice);
    const { stdout, exitCode } = await alice.exec("printf 'a\\0b'; exit 7");
    expect({ stdout, exitCode }).toEqual({ stdout: 'a\0b', exitCode: 7 });
    expect(await session.logOut()).toBe(0);
    await workspace.becomes('paused', ASLEEP_WITHIN);
    expect(await alice.run('kubectl get nodes --no-headers --request-timeout=20s')).toContain('Ready');
    await workspace.becomes('paused', ASLEEP_WITHIN);
  });

  test('a service that is killed in the middle of a creation and started again: the cluster comes up', async () => {
    const { student, workspace, session } = await midCreation('bob');
    await factory.service.kill();
    await factory.service.startAgain();
    // The way into the container went through the service.
    await session.ended(30_000);
    await clusterOfUse(student);
    await workspace.becomes('paused', ASLEEP_WITHIN);
  });

  test('a gateway that is killed in the middle of a creation and started again: the cluster comes up', async () => {
    const { student, workspace } = await midCreation('carol');
    await factory.kill();
    await factory.startAgain();
    await clusterOfUse(student);
    await workspace.becomes('paused', ASLEEP_WITHIN);
  });
});
