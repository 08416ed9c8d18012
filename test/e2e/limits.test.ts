import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Container } from './harness/docker.ts';
import { docker } from './harness/docker.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { CLUSTER_LAB } from './harness/factory-files.ts';
import { clusterOfUse, kubectl } from './harness/kubectl.ts';
import { startInPod } from './harness/pod-program.ts';
import type { SshSession } from './harness/ssh-session.ts';
import type { Student } from './harness/student.ts';
import { Workspace } from './harness/workspace.ts';

const NODE = { memory: 1536 * 2 ** 20, cpus: 1.5, pids: 1_500 };

function limitsOf({ HostConfig: { Memory, NanoCpus, CpuQuota, CpuPeriod, PidsLimit } }: Container) {
  const cpus = NanoCpus > 0 ? NanoCpus / 1e9 : CpuQuota / (CpuPeriod || 100_000);
  return { memory: Memory, cpus, pids: PidsLimit };
}

describe("one student's cluster cannot take the machine from another's", () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;
  let alice: Student;
  let bob: Student;
  let hers: Workspace;
  let session: SshSession;

  beforeAll(async () => {
    const cluster = { limits: { memory: '1536Mi', cpus: NODE.cpus, pids: NODE.pids } };
    factory = stack.use(
      await Factory.start({ grace: '2s', stopAfter: '2s', labs: { k3s: { ...CLUSTER_LAB, cluster } } }),
    );
    alice = await factory.student('alice');
    bob = await factory.student('bob');
    hers = new Workspace(factory, 'alice');
    const [first, second] = await Promise.all([alice.hold(), bob.hold()]);
    session = stack.use(first);
    stack.use(second);
    await Promise.all([clusterOfUse(alice), clusterOfUse(bob)]);
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  test('the limits of the node outlive stop and start, and so does the cluster', async () => {
    expect(limitsOf(await hers.node())).toEqual(NODE);
    const before = { address: await hers.nodeAddress(), id: (await hers.node()).Id };
    await kubectl(alice, 'create configmap kept --from-literal=a=b');
    await session.logOut();
    await hers.becomes('exited');

    stack.use(await alice.hold());
    await clusterOfUse(alice);
    expect(limitsOf(await hers.node())).toEqual(NODE);
    expect({ address: await hers.nodeAddress(), id: (await hers.node()).Id }).toEqual(before);
    const kept = await eventually(() => kubectl(alice, 'get configmap kept -o jsonpath={.data.a}'), {
      what: 'the configmap is told',
    });
    expect(kept).toBe('b');
  });

  test('a pod of alice that eats memory is ended within her node, the API of bob answers', async () => {
    await startInPod(alice, 'eater', 'my @a; while (1) { push @a, "x" x 1e7 }');
    await expectAnswers(bob, 5);
    const status = '{.status.containerStatuses[0].state.terminated.exitCode}';
    const ending = await eventually(
      async () => (await kubectl(alice, `get pod eater -o jsonpath=${status}`)) || undefined,
      { what: 'the eater has ended', within: 180_000 },
    );
    expect(ending, 'ended by the kernel').toBe('137');
    await expectAnswers(bob, 5);
  });

  test('a fork bomb in a pod of alice: her node keeps its limit, the API of bob answers', async () => {
    await startInPod(alice, 'bomb', 'fork while 1');
    await eventually(async () => (await processesOf(hers)) > NODE.pids / 2, {
      what: 'the bomb fills the node',
      within: 150_000,
    });
    await expectAnswers(bob, 5);
    expect(await processesOf(hers)).toBeLessThanOrEqual(NODE.pids);
  });

  async function processesOf(workspace: Workspace): Promise<number> {
    const { Id } = await workspace.node();
    return Number(await docker(['stats', '--no-stream', '--format', '{{.PIDs}}', Id]));
  }

  /** Of one that answers a single try may fail: on a busy machine a handshake alone can take longer than kubectl waits for it. */
  async function expectAnswers(student: Student, times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      const answer = await eventually(() => kubectl(student, 'get --raw=/readyz --request-timeout=60s'), {
        what: `the API of ${student.name} answers`,
      });
      expect(answer).toBe('ok');
    }
  }
});
