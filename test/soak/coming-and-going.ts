import { expect, type TestContext } from 'vitest';
import { EventRecorder } from '../e2e/harness/event-recorder.ts';
import { Factory } from '../e2e/harness/factory.ts';
import { CLUSTER_LAB } from '../e2e/harness/factory-files.ts';
import { clusterOfUse, settledPods } from '../e2e/harness/kubectl.ts';
import type { Student } from '../e2e/harness/student.ts';
import { Workspace } from '../e2e/harness/workspace.ts';
import { makeBarePod } from '../e2e/survival/bare-pod.ts';
import { Random } from './random.ts';
import { runRounds, wrongPauses } from './rounds.ts';

const GRACE = 2_000;

/** Rounds of coming and going on one workspace, and what must be true of them whatever the order was. */
export async function comingAndGoing(rounds: number, seed: number, context: TestContext): Promise<void> {
  await using recorder = await EventRecorder.start();
  await using factory = await Factory.start({ grace: `${GRACE}ms`, labs: { k3s: CLUSTER_LAB } });
  factory.showLogOnFailure(context);
  const instance = await factory.instance();
  const alice = await factory.student('alice');
  const workspace = new Workspace(factory, 'alice');
  const first = await alice.hold();
  await clusterOfUse(alice);
  await makeBarePod(alice);
  const before = { pods: await podsOf(alice), ids: await identities(workspace) };
  await first.logOut();

  const stays = await runRounds({ factory, student: alice, rounds, grace: GRACE, random: new Random(seed) });

  await workspace.becomes('paused');
  await recorder.settled();
  const pauses = recorder.of(instance, { user: 'alice', action: 'pause' });
  expect(pauses.length).toBeGreaterThan(0);
  expect(wrongPauses(pauses, stays, GRACE), `seed ${seed}`).toEqual([]);
  await using last = await alice.hold();
  await clusterOfUse(alice);
  expect({ pods: await podsOf(alice), ids: await identities(workspace) }, `seed ${seed}`).toEqual(before);
  await last.logOut();
}

/**
 * Which pods there are, and how often the bare one was begun anew. The others are probed, and on a busy machine kubelet begins
 * one anew that answers late.
 */
async function podsOf(student: Student): Promise<readonly string[]> {
  const pods = await settledPods(student);
  return pods.map(({ name, uid, restarts }) => `${name} ${uid} ${name === 'bare' ? restarts : ''}`);
}

/** Containers with the time they started: neither changes while nothing but pauses happens. */
async function identities(workspace: Workspace): Promise<readonly string[]> {
  const containers = await workspace.containers();
  return containers.map(({ Id, State }) => `${Id} ${State.StartedAt}`).sort();
}
