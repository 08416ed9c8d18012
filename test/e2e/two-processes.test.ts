import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { json } from '../../src/hooks/testing/receiver.ts';
import { NO_DOCKER } from './harness/cluster-service.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { CLUSTER_LAB } from './harness/factory-files.ts';
import { HOOK_CONFIG, HOOK_SECRET, HookReceiver, hooksTo } from './harness/hook-receiver.ts';
import { clusterOfUse } from './harness/kubectl.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { LAB_IMAGE } from './harness/set-up.ts';
import type { SshSession } from './harness/ssh-session.ts';
import type { Student } from './harness/student.ts';
import { sweepFolder } from './harness/sweeper.ts';
import { Workspace } from './harness/workspace.ts';

const GRACE = 4_000;

/** With room for the grace time and a busy machine. */
const ASLEEP_WITHIN = GRACE + PATIENCE;

describe('the Docker socket in a process of its own, and a gateway that has none', () => {
  const stack = new AsyncDisposableStack();
  let receiver: HookReceiver;
  let factory: Factory;

  beforeAll(async () => {
    receiver = stack.use(await HookReceiver.start());
    const folder = await makeRunFolder();
    stack.defer(() => sweepFolder(folder));
    // In a file, as both processes read it.
    const file = join(folder, 'secret');
    await writeFile(file, HOOK_SECRET);
    factory = stack.use(
      await Factory.start({
        domain: 'localhost',
        grace: `${GRACE}ms`,
        split: true,
        labs: { k3s: CLUSTER_LAB, seats: seatsLab(receiver.url) },
        groups: [
          { name: 'clusters', members: ['alice', 'bob', 'carol'], labs: ['k3s'] },
          { name: 'seats', members: ['dora'], labs: ['seats'] },
        ],
        config: { ...HOOK_CONFIG, secrets: { hooks: { file } } },
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
    expect(await alice.run('kubectl get nodes --no-headers --request-timeout=60s')).toContain('Ready');
    await workspace.becomes('paused', ASLEEP_WITHIN);
  });

  test('what templates, files and a hook give a lab gets to the container', async () => {
    receiver.answers(
      json({
        environment: { TEAM: 'blue' },
        values: { seat: '7' },
        files: [
          { path: '/home/lab/team', content: Buffer.from('all blue\n').toString('base64'), mode: '0600' },
        ],
      }),
    );
    const dora = await factory.student('dora');
    const look =
      'echo "$TEAM $SEAT"; cat ~/team; sudo cat /etc/seat; stat -c "%a %U" ~/team /etc/seat; echo "$FROM"';
    const said = await dora.run(look);
    expect(said.split('\n').slice(0, -1)).toEqual([
      'blue 7',
      'all blue',
      'dora of seats has 7',
      '600 lab',
      '640 root',
    ]);
    expect(said).toMatch(/\n127\.0\.0\.1:\d+$/);
    const hooks = await receiver.have('dora', 2, ASLEEP_WITHIN);
    expect(hooks.map(({ type }) => type)).toEqual(['initialization', 'cleanup']);
  });

  test('a service that is killed in the middle of a creation and started again: the cluster comes up', async () => {
    const { student, workspace, session } = await midCreation('bob');
    await factory.service.kill();
    await factory.service.startAgain();
    // The way into the container went through the service.
    await session.ended();
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

function seatsLab(url: string) {
  return {
    container: {
      image: LAB_IMAGE,
      env: { SEAT: '{{ values.seat }}', FROM: '{{ session.client_address }}' },
      files: [
        { path: '/etc/seat', content: '{{ username }} of {{ lab }} has {{ values.seat }}\n', mode: '0640' },
      ],
    },
    hooks: hooksTo(url, ['initialization', 'cleanup'], { required: true, values: ['seat'] }),
  };
}
