import { join } from 'node:path';
import { expect, test } from 'vitest';
import { factoryStatusSchema } from '../../src/control/status-schema.ts';
import { Factory } from '../e2e/harness/factory.ts';
import { runFactory } from '../e2e/harness/factory-command.ts';
import { CLUSTER_LAB, PLAIN_LAB } from '../e2e/harness/factory-files.ts';
import { clusterOfUse, pods } from '../e2e/harness/kubectl.ts';
import { deploy } from '../e2e/harness/web-app.ts';
import { Workspace } from '../e2e/harness/workspace.ts';
import { Random } from './random.ts';

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 10);
const SEED = Number(process.env.SOAK_SEED ?? Date.now());
const STUDENTS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];

test(`${ROUNDS} upgrades in the middle of a class, seed ${SEED}`, {
  timeout: ROUNDS * 120_000,
}, async (context) => {
  const random = new Random(SEED);
  await using factory = await Factory.start({ grace: '10m', labs: { plain: PLAIN_LAB } });
  factory.showLogOnFailure(context);
  const students = await Promise.all(STUDENTS.map((name) => factory.student(name)));
  const containers = () =>
    Promise.all(
      STUDENTS.map(async (name) => (await new Workspace(factory, name, 'plain').labContainer()).Id),
    );
  await Promise.all(
    students.map((student) => student.run('echo 0 > rounds; nohup sleep 99999 >/dev/null 2>&1 &')),
  );
  const before = await containers();

  for (let round = 1; round <= ROUNDS; round += 1) {
    const held = await Promise.all(students.map((student) => student.hold()));
    const within = `${random.integer(0, 2)}s`;
    const drained = await runFactory(factory.folder, [
      'drain',
      '--in',
      within,
      '--message',
      `Round ${round}.`,
    ]);
    expect(drained, `round ${round}, seed ${SEED}`).toMatchObject({ code: 0 });
    const { stdout } = await runFactory(factory.folder, ['status', '--json']);
    expect(factoryStatusSchema.parse(JSON.parse(stdout))).toMatchObject({ sessions: 0 });
    for (const session of held) await session[Symbol.asyncDispose]();
    // The operator restarts it, or somebody stumbles over the cable.
    await (random.chance(0.5) ? factory.stop() : factory.kill());
    await factory.startAgain();
    const count = 'echo $(($(cat rounds) + 1)) > rounds; pgrep -x sleep >/dev/null && cat rounds';
    const counted = await Promise.all(students.map((student) => student.run(count)));
    expect(counted, `round ${round}, seed ${SEED}`).toEqual(STUDENTS.map(() => String(round)));
  }
  expect(await containers(), `seed ${SEED}`).toEqual(before);
});

test(`${ROUNDS} rounds of backup, removal and restore of one cluster`, {
  timeout: ROUNDS * 300_000,
}, async (context) => {
  await using factory = await Factory.start({ grace: '10m', labs: { k3s: CLUSTER_LAB } });
  factory.showLogOnFailure(context);
  const alice = await factory.student('alice');
  await clusterOfUse(alice);
  await deploy(alice, { name: 'hello', says: 'hello', hosts: ['alice.lab.test'] });
  await alice.run('echo kept > kept');
  const sight = async () => ({
    pods: (await pods(alice)).map(({ name, uid }) => `${name} ${uid}`),
    home: await alice.run('cat kept'),
    address: await new Workspace(factory, 'alice').nodeAddress(),
  });
  const before = await sight();

  for (let round = 1; round <= ROUNDS; round += 1) {
    await factory.stop();
    const folder = join('backups', String(round));
    for (const args of [
      ['backup', '--to', folder],
      ['purge', '--workspace', 'alice/k3s', '--with-home', '--yes'],
      ['restore', folder],
    ]) {
      const { code, stderr } = await runFactory(factory.folder, args);
      expect([round, code, code === 0 ? '' : stderr]).toEqual([round, 0, '']);
    }
    await factory.startAgain();
    await clusterOfUse(alice);
    expect(await sight(), `round ${round}`).toEqual(before);
  }
});
