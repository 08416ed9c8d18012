import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { docker } from './harness/docker.ts';
import { EngineProxy } from './harness/engine-proxy.ts';
import { eventually } from './harness/eventually.ts';
import { Factory } from './harness/factory.ts';
import { runFactory } from './harness/factory-command.ts';
import { CLUSTER_LAB, PLAIN_LAB } from './harness/factory-files.ts';
import { makeRunFolder } from './harness/run-folder.ts';
import { findSetUp, LAB_IMAGE, WHOAMI_IMAGE } from './harness/set-up.ts';
import type { ExecResult } from './harness/student.ts';
import { sweepFolder } from './harness/sweeper.ts';

/** Names of images that this file makes and removes. */
const MADE = {
  lab: `ssh-lab-factory-e2e/lab:${process.pid}`,
  node: `ssh-lab-factory-e2e/node:${process.pid}`,
};

/** What a student may be told: words, no stack, no folder of the host. */
function expectPlainSentence({ stderr }: Pick<ExecResult, 'stderr'>, holds: RegExp): void {
  expect(stderr).toMatch(holds);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain('/tmp/');
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(6);
}

describe('labs that are not right', () => {
  const stack = new AsyncDisposableStack();
  let factory: Factory;

  beforeAll(async () => {
    stack.defer(async () => {
      for (const image of Object.values(MADE)) await docker(['image', 'rm', image]).catch(() => {});
    });
    const container = { image: LAB_IMAGE, user: 'lab' };
    factory = stack.use(
      await Factory.start({
        groups: [
          { name: 'testers', members: ['alice'], labs: ['noimage', 'nosshd', 'badnode'] },
          { name: 'students', members: ['bob'], labs: ['plain'] },
        ],
        labs: {
          plain: PLAIN_LAB,
          noimage: { description: 'its image is missing', container: { ...container, image: MADE.lab } },
          nosshd: { description: 'its image has no sshd', container: { ...container, image: WHOAMI_IMAGE } },
          badnode: { description: 'its node ends at once', container, cluster: { image: MADE.node } },
        },
      }),
    );
  });
  afterAll(() => stack.disposeAsync());
  beforeEach((context) => factory.showLogOnFailure(context));

  test('an image that is not there: one sentence, and the next attempt after mending works', async () => {
    const alice = await factory.student('alice');
    const refused = await alice.exec('true', { login: 'alice/noimage' });
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout).toBe('');
    expectPlainSentence(refused, /image/i);

    await docker(['tag', LAB_IMAGE, MADE.lab]);
    expect(await alice.run('whoami', { login: 'alice/noimage' })).toBe('lab');
  });

  test('an image without sshd: the sentence says what line the Dockerfile lacks', async () => {
    const alice = await factory.student('alice');
    const refused = await alice.exec('true', { login: 'alice/nosshd' });
    expect(refused.exitCode).not.toBe(0);
    expectPlainSentence(refused, /openssh-server/);
    await factory.logs('LAB_IMAGE_WITHOUT_SSHD');
  });

  test("a cluster that ends at once: the node's last words are kept, the shell lives, mending helps", {
    timeout: 10 * 60_000,
  }, async () => {
    await docker(['tag', WHOAMI_IMAGE, MADE.node]);
    const alice = await factory.student('alice');
    const login = 'alice/badnode';
    await using window = alice.terminal({ login });
    // The id under which the log has it.
    await window.shows(/\(error [0-9a-z]+\)/, 180_000);
    expect(window.text).not.toMatch(/^\s+at /m);
    expect(await alice.run('whoami', { login })).toBe('lab');
    // What the stand-in node says before it ends.
    await factory.logs('missing port in address');
    const ofNodes = async () =>
      (await runFactory(factory.folder, ['logs', 'alice/badnode', '--nodes'])).stdout;
    await eventually(async () => (await ofNodes()).includes('missing port in address'), {
      what: 'the log of the nodes has it as well',
    });

    await docker(['tag', (await findSetUp()).images.node, MADE.node]);
    await eventually(
      async () => / Ready /.test(await alice.run('kubectl get nodes --no-headers', { login })),
      {
        what: 'the cluster works with the mended image',
        within: 240_000,
        every: 1_000,
      },
    );
  });

  test('an sshd that the student broke: a sentence, @rescue comes in, @reset heals and keeps the home', async () => {
    const bob = await factory.student('bob');
    await bob.run('echo precious > ~/kept; sudo mv /usr/sbin/sshd /root/');

    const broken = await bob.exec('true');
    expect(broken.exitCode).not.toBe(0);
    expectPlainSentence(broken, /@rescue/);

    await using rescue = bob.connect('@rescue', { args: ['-tt'] });
    await rescue.shows(/[$#] /);
    rescue.write('cat /home/lab/kept\r');
    await rescue.shows('precious');
    await rescue.kill();

    expect((await bob.exec('@reset --yes')).exitCode).toBe(0);
    expect(await bob.run('cat ~/kept; ls /usr/sbin/sshd')).toBe('precious\n/usr/sbin/sshd');
  });
});

test('a disk that is nearly full: no cluster, one sentence, the shell lives', async (context) => {
  await using factory = await Factory.start({
    labs: { k3s: CLUSTER_LAB },
    clusters: { min_free_disk: '100000Gi' },
  });
  factory.showLogOnFailure(context);
  const alice = await factory.student('alice');
  await using window = alice.terminal();
  await window.shows(/disk/i);
  expect(await alice.run('whoami')).toBe('lab');
});

test('Docker goes away in the middle: one sentence, the factory lives, the next attempt works', async (context) => {
  const folder = await makeRunFolder();
  await using engine = await EngineProxy.start(folder);
  await using factory = await Factory.start({ labs: { plain: PLAIN_LAB }, env: { DOCKER_HOST: engine.url } });
  factory.showLogOnFailure(context);
  const alice = await factory.student('alice');
  await using session = await alice.hold();

  await engine.cut();
  await session.ended();
  const refused = await alice.exec('true');
  expect(refused.exitCode).not.toBe(0);
  expectPlainSentence(refused, /docker|engine/i);
  expect(factory.running).toBe(true);

  await engine.restore();
  expect(await alice.run('whoami')).toBe('lab');
  await sweepFolder(folder);
});
