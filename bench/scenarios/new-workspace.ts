import { Factory } from '../../test/e2e/harness/factory.ts';
import { CLUSTER_LAB } from '../../test/e2e/harness/factory-files.ts';
import { BareContainer } from '../parts/bare-container.ts';
import { OurWorkspace } from '../parts/our-workspace.ts';
import { inTurn, timed } from '../parts/timing.ts';
import type { Bench, Scenario } from './bench.ts';
import { BringUp, createBare, createOurs } from './bring-up.ts';

/** What the factory may add to k3d's own creation. */
const GOAL = { factor: 1.1, plus: 0 };

/** Somebody logs in for the first time: container and cluster are made. */
export const newWorkspace: Scenario = { name: 'new', table: 'measured', run: measure };

async function measure(bench: Bench): Promise<void> {
  const { options } = bench;
  await using factory = await Factory.start({ grace: '1s', labs: { k3s: CLUSTER_LAB } });
  const prompt: number[] = [];
  const bareShell: number[] = [];
  const [ours, asOurs, plain] = [new BringUp(), new BringUp(), new BringUp()];
  let count = 0;
  const newcomer = async () => OurWorkspace.of(factory, `newcomer${++count}`);
  await inTurn(options.rounds.slow, [
    async () => {
      const somebody = await newcomer();
      await timed(prompt, () => somebody.prompt());
      await somebody.kubectlWorks();
      await somebody.paused();
    },
    async () => {
      const somebody = await newcomer();
      await createOurs(somebody, ours);
      await somebody.paused();
    },
    () => runBare(bareShell),
    () => createBare('as-ours', options, asOurs),
    ...(options.plain ? [() => createBare('plain', options, plain)] : []),
  ]);
  report(bench, { ours, asOurs, prompt, bareShell });
  if (options.plain) reportPlain(bench, ours, plain);
}

async function runBare(samples: number[]): Promise<void> {
  const began = performance.now();
  await using container = await BareContainer.run();
  await container.exec('true');
  samples.push(performance.now() - began);
}

interface Found {
  readonly ours: BringUp;
  readonly asOurs: BringUp;
  readonly prompt: number[];
  readonly bareShell: number[];
}

function report({ comparisons }: Bench, { ours, asOurs, prompt, bareShell }: Found): void {
  const beside = '`docker run`, `docker exec true`';
  comparisons.push(
    { what: 'new: `ssh host true`', ours: ours.shell, beside, theirs: bareShell },
    { what: 'new: to the first prompt', ours: prompt, beside, theirs: bareShell },
    {
      what: 'new: until the API answers',
      ours: ours.api,
      beside: '`k3d cluster create` with our options, until the same',
      theirs: asOurs.api,
      goal: GOAL,
    },
    {
      what: 'new: until kubectl works in the lab',
      ours: ours.ofUse,
      beside: '`k3d cluster create`, until node, DNS and ingress are ready',
      theirs: asOurs.ofUse,
      goal: GOAL,
    },
    {
      what: 'new: until an app, applied then, answers',
      ours: ours.app,
      beside: 'the same, `kubectl apply`, until the app answers',
      theirs: asOurs.app,
      goal: GOAL,
    },
  );
}

function reportPlain({ comparisons }: Bench, ours: BringUp, plain: BringUp): void {
  comparisons.push(
    {
      what: 'new: until kubectl works in the lab',
      ours: ours.ofUse,
      beside: '`k3d cluster create` without options, until all is ready',
      theirs: plain.ofUse,
      goal: GOAL,
    },
    {
      what: 'new: until an app, applied then, answers',
      ours: ours.app,
      beside: 'the same, `kubectl apply`, until the app answers',
      theirs: plain.app,
      goal: GOAL,
    },
  );
}
