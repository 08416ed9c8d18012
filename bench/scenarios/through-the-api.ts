import { Factory } from '../../test/e2e/harness/factory.ts';
import { CLUSTER_LAB } from '../../test/e2e/harness/factory-files.ts';
import { ClusterApi } from '../parts/cluster-api.ts';
import { OurWorkspace } from '../parts/our-workspace.ts';
import { inTurn } from '../parts/timing.ts';
import type { Bench, Scenario } from './bench.ts';
import type { OrderTimes } from './order-times.ts';
import { OrdersByApi } from './orders-by-api.ts';
import { OrdersByHand } from './orders-by-hand.ts';

/** One cluster is ordered about by the HTTP API and another by hand. Somebody is in our workspace, so its container stays awake. */
export const throughTheApi: Scenario = { name: 'through the API', table: 'through-the-api', run: measure };

async function measure(bench: Bench): Promise<void> {
  const { options } = bench;
  await using factory = await Factory.start({ grace: '1s', labs: { k3s: CLUSTER_LAB } });
  const ours = await OurWorkspace.of(factory, 'alice');
  await using session = await ours.student.hold({ timeout: 120_000 });
  await ours.kubectlWorks();
  const byApi = new OrdersByApi(await ClusterApi.of(factory, 'alice', 'k3s'), ours.door);
  await using byHand = await OrdersByHand.create(options);
  const { quick, slow } = options.rounds;
  await inTurn(slow, [() => byApi.createAnew(), () => byHand.createAnew()]);
  await inTurn(slow, [() => byApi.restart(), () => byHand.restart()]);
  await inTurn(quick, [
    () => byApi.suspendAndWake(),
    () => byHand.pauseAndWake(),
    () => byApi.look(),
    () => byHand.look(),
  ]);
  await session.logOut();
  report(bench, byApi.times, byHand.times);
}

function report({ throughTheApi: found }: Bench, ours: OrderTimes, theirs: OrderTimes): void {
  const compare = (what: string, beside: string, which: (times: OrderTimes) => number[]) =>
    found.push({ what, ours: which(ours), beside, theirs: which(theirs) });
  compare('`POST …/suspend`', '`docker pause`', ({ suspended }) => suspended);
  compare('`PUT` of a suspended one', '`docker unpause`', ({ resumed }) => resumed);
  compare(
    '`PUT` of a suspended one: until Kubernetes answers',
    '`docker unpause`, until Kubernetes answers',
    ({ kubernetes }) => kubernetes,
  );
  compare('`PUT` of a running one', '`docker inspect`', ({ ensured }) => ensured);
  compare('`GET`', '`docker inspect`, `docker stats --no-stream`', ({ described }) => described);
  compare('`POST …/stop`', '`k3d cluster stop`', ({ stopped }) => stopped);
  compare('`PUT` of a stopped one', '`k3d cluster start`, until it is of use', ({ started }) => started);
  compare('`DELETE`', '`k3d cluster delete`', ({ removed }) => removed);
  compare('`PUT` where there is none', '`k3d cluster create`, until it is of use', ({ created }) => created);
}
