import { expect, test } from 'vitest';
import { eventually } from '../e2e/harness/eventually.ts';
import { Factory } from '../e2e/harness/factory.ts';
import { CLUSTER_LAB } from '../e2e/harness/factory-files.ts';
import { clusterOfUse } from '../e2e/harness/kubectl.ts';
import type { Student } from '../e2e/harness/student.ts';
import { Workspace } from '../e2e/harness/workspace.ts';
import { Random } from './random.ts';

const ROUNDS = Number(process.env.SOAK_ROUNDS ?? 15);
const SEED = Number(process.env.SOAK_SEED ?? Date.now());
const GRACE = 5_000;
/** Longer than a cluster takes to be made on a busy machine; ms. */
const SLOW = { timeout: 240_000 };

/** What somebody does to the cluster, while others do other things to it. */
const DEEDS: ReadonlyArray<(student: Student) => Promise<unknown>> = [
  (student) => student.exec('@cluster stop', SLOW),
  (student) => student.exec('@cluster suspend', SLOW),
  (student) => student.exec('@cluster start', SLOW),
  (student) => student.exec('cluster stop', SLOW),
  (student) => student.exec('cluster status --wait', SLOW),
  (student) => student.exec('@cluster node stop agent-0', SLOW),
  (student) => student.exec('@cluster node start agent-0', SLOW),
  async (student) => {
    await using session = await student.hold();
    await session.logOut();
  },
];

test(`${ROUNDS} rounds of orders to one cluster at the same time, with logins and kills of the factory, seed ${SEED}`, {
  timeout: ROUNDS * 300_000,
}, async (context) => {
  const random = new Random(SEED);
  await using factory = await Factory.start({
    grace: `${GRACE / 1_000}s`,
    labs: { k3s: { ...CLUSTER_LAB, cluster: { agents: 1 } } },
  });
  factory.showLogOnFailure(context);
  const alice = await factory.student('alice');
  const workspace = new Workspace(factory, 'alice');
  for (let round = 1; round <= ROUNDS; round += 1) {
    const deeds = Array.from(
      { length: random.integer(2, 4) },
      () => DEEDS[random.integer(0, DEEDS.length - 1)],
    );
    // From here on, as a kill ends some of them.
    const underWay = Promise.allSettled(deeds.map((deed) => deed?.(alice)));
    if (random.chance(0.2)) {
      await factory.kill();
      await factory.startAgain();
    }
    await underWay;
    await using _last = await alice.hold();
    const { exitCode, stderr } = await alice.exec('cluster status --wait', SLOW);
    expect({ exitCode, stderr }, `round ${round}`).toMatchObject({ exitCode: 0 });
    await clusterOfUse(alice);
  }
  const asleep = async () => (await workspace.containers()).every(({ State }) => State.Status !== 'running');
  await eventually(asleep, { what: 'the last one out turns off the lights', within: GRACE + 60_000 });
});
