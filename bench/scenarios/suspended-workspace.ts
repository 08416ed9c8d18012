import type { OurWorkspace } from '../parts/our-workspace.ts';
import { inTurn, timed } from '../parts/timing.ts';
import type { Bench, Pair, Scenario } from './bench.ts';
import { WakeUp, wakeBare, wakeOurs } from './wake-up.ts';

/** A shell may take 1.3 times the bare one and 0.1 s, which is what an SSH login costs. */
const SHELL_GOAL = { factor: 1.3, plus: 100 };
const API_GOAL = { factor: 1.2, plus: 0 };

/** Times of ours, each from a workspace that is asleep. */
export class Awakening {
  readonly command: number[] = [];
  readonly prompt: number[] = [];
  readonly wakeUp = new WakeUp();

  /** One turn for each kind of time. */
  turns(ours: OurWorkspace): ReadonlyArray<() => Promise<void>> {
    const asleep = (action: () => Promise<void>) => async () => {
      await ours.paused();
      await action();
    };
    return [
      asleep(() => timed(this.command, () => ours.student.run('true'))),
      asleep(() => timed(this.prompt, () => ours.prompt())),
      asleep(() => wakeOurs(ours, this.wakeUp)),
    ];
  }
}

/** Container and cluster are paused; somebody logs in. */
export const suspendedWorkspace: Scenario = { name: 'suspended', table: 'measured', run: measure };

async function measure(bench: Bench): Promise<void> {
  const pair = await bench.pair();
  const { ours, cluster } = pair;
  const awakening = new Awakening();
  const bareShell: number[] = [];
  const bareWakeUp = new WakeUp();
  await inTurn(bench.options.rounds.quick, [
    ...awakening.turns(ours),
    () => wakeContainer(pair, bareShell),
    // Ours goes to sleep in the meantime: both have been paused for about as long, and it takes none of the machine's time.
    () => wakeBare(cluster, bareWakeUp, () => ours.paused()),
  ]);
  report(bench, awakening, bareShell, bareWakeUp);
}

async function wakeContainer({ container }: Pair, samples: number[]): Promise<void> {
  await container.pause();
  await timed(samples, async () => {
    await container.unpause();
    await container.exec('true');
  });
}

function report({ comparisons }: Bench, ours: Awakening, bareShell: number[], bare: WakeUp): void {
  const besideShell = { beside: '`docker unpause`, `docker exec true`', theirs: bareShell, goal: SHELL_GOAL };
  const besideApi = { beside: '`docker unpause` until the API answers', theirs: bare.api };
  const { api, apiSinceLogin, app } = ours.wakeUp;
  comparisons.push(
    { what: 'suspended: `ssh host true`', ours: ours.command, ...besideShell },
    { what: 'suspended: to the prompt', ours: ours.prompt, ...besideShell },
    {
      what: 'suspended: from the login until the API answers',
      ours: apiSinceLogin,
      ...besideApi,
      goal: API_GOAL,
    },
    { what: 'suspended: from the start of `ssh` until the API answers', ours: api, ...besideApi },
    {
      what: 'suspended: from the start of `ssh` until the app answers',
      ours: app,
      beside: '`docker unpause` until the app answers',
      theirs: bare.app,
    },
  );
}
