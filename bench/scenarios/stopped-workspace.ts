import { Factory } from '../../test/e2e/harness/factory.ts';
import { CLUSTER_LAB } from '../../test/e2e/harness/factory-files.ts';
import { untilAppAnswers } from '../parts/app.ts';
import { BareCluster } from '../parts/bare-cluster.ts';
import { OurWorkspace } from '../parts/our-workspace.ts';
import { inTurn, timed } from '../parts/timing.ts';
import type { Bench, Pair, Scenario } from './bench.ts';
import { BringUp, startBare, startOurs } from './bring-up.ts';

/** The containers are stopped and their memory is free; somebody logs in. */
export const stoppedWorkspace: Scenario = { name: 'stopped', table: 'measured', run: measure };

async function measure(bench: Bench): Promise<void> {
  const { options } = bench;
  const both = await bench.pair();
  await using factory = await Factory.start({
    grace: '1s',
    stopAfter: '1s',
    labs: { k3s: CLUSTER_LAB },
  });
  const ours = await OurWorkspace.of(factory, 'alice');
  await ours.prepare();
  await using defaults = options.plain ? await madePlain(bench) : undefined;
  const bareShell: number[] = [];
  const [awake, asOurs, plain] = [new BringUp(), new BringUp(), new BringUp()];
  await inTurn(options.rounds.slow, [
    async () => {
      await ours.stopped();
      await startOurs(ours, awake);
      await ours.kubectlWorks();
    },
    () => startContainer(both, bareShell),
    () => restart(both.cluster, asOurs),
    ...(defaults === undefined ? [] : [() => restart(defaults, plain)]),
  ]);
  await both.cluster.pause();
  const beside = '`k3d cluster start`, our options';
  bench.comparisons.push(
    {
      what: 'stopped: to the prompt',
      ours: awake.shell,
      beside: '`docker start`, `docker exec true`',
      theirs: bareShell,
    },
    {
      what: 'stopped: until the API answers',
      ours: awake.api,
      beside: `${beside}, until the API answers`,
      theirs: asOurs.api,
    },
    {
      what: 'stopped: until the app answers',
      ours: awake.app,
      beside: `${beside}, until the app answers`,
      theirs: asOurs.app,
    },
    ...(defaults === undefined
      ? []
      : [
          {
            what: 'stopped: until the app answers',
            ours: awake.app,
            beside: '`k3d cluster start` without options, until the app answers',
            theirs: plain.app,
          },
        ]),
  );
}

async function madePlain({ options }: Bench): Promise<BareCluster> {
  const cluster = await BareCluster.create('plain', options);
  await cluster.door.untilOfUse();
  await untilAppAnswers(await cluster.apply(), 100);
  return cluster;
}

async function startContainer({ container }: Pair, samples: number[]): Promise<void> {
  await container.stop();
  await timed(samples, async () => {
    await container.start();
    await container.exec('true');
  });
}

async function restart(cluster: BareCluster, found: BringUp): Promise<void> {
  await cluster.stop();
  await startBare(cluster, found);
}
