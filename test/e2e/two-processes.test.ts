import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { json } from '../../src/hooks/testing/receiver.ts';
import { NO_DOCKER } from './harness/cluster-service.ts';
import { eventually, PATIENCE } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { CLUSTER_LAB } from './harness/factory-files.ts';
import { HOOK_CONFIG, HOOK_SECRET, HookReceiver, hooksTo } from './harness/hook-receiver.ts';
import { clusterOfUse } from './harness/kubectl.ts';
import { asOtherUser, canBeOtherUser } from './harness/other-user.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { LAB_IMAGE } from './harness/set-up.ts';
import type { SshSession } from './harness/ssh-session.ts';
import type { Student } from './harness/student.ts';
import { sweepFolder } from './harness/sweeper.ts';
import { Workspace } from './harness/workspace.ts';
import { unixSocket } from './walls/words.ts';

const GRACE = 4_000;

/** Where the tests are root the gateway is a user of its own, as docs/operate.md has it; else it is told of no socket. */
const DOCKER_SOCKET = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace('unix://', '');
const TWO_USERS = await canBeOtherUser();

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
    await chmod(folder, 0o755);
    factory = stack.use(
      await Factory.start({
        domain: 'localhost',
        grace: `${GRACE}ms`,
        split: true,
        twoUsers: TWO_USERS,
        labs: { k3s: CLUSTER_LAB, seats: seatsLab(receiver.url) },
        groups: [
          { name: 'clusters', members: ['alice', 'bob', 'carol'], labs: ['k3s'] },
          { name: 'seats', members: ['dora'], labs: ['seats'] },
        ],
        config: { ...HOOK_CONFIG, secrets: { hooks: { file } } },
        env: TWO_USERS ? {} : { DOCKER_HOST: NO_DOCKER },
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

  test.runIf(TWO_USERS)("the gateway's user can not open Docker's socket, and root can", async () => {
    const { uid, groups } = await userOf(factory.pid);
    expect(uid).not.toBe(0);
    expect(groups).toEqual([]);
    const words = ['--norc', '-c', unixSocket(DOCKER_SOCKET)];
    const [file, ...args] = asOtherUser('bash', words);
    const refused = await execa(file, args, { reject: false, timeout: PATIENCE });
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('Permission denied');
    expect((await execa('bash', words, { timeout: PATIENCE })).exitCode).toBe(0);
  });

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

/** Whose process it is, and which groups it has beside its own. Linux. */
async function userOf(pid: number): Promise<{ readonly uid: number; readonly groups: readonly string[] }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, uid = ''] = /^Uid:\t(\d+)/m.exec(status) ?? [];
  const [, groups = ''] = /^Groups:\t?(.*)$/m.exec(status) ?? [];
  return { uid: Number(uid), groups: groups.split(' ').filter((group) => group !== '') };
}

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
