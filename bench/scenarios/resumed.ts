import { setTimeout as delay } from 'node:timers/promises';
import { untilAppAnswers } from '../parts/app.ts';
import { inTurn } from '../parts/timing.ts';
import type { Comparison } from '../report/comparison.ts';
import type { Bench, Pair, Scenario } from './bench.ts';
import { WakeUp, wakeBareBoth, wakeOurs } from './wake-up.ts';

/** Container and cluster have been paused for a while, ours and the bare ones side by side; then one after the other wakes. */
export const resumed: Scenario = { name: 'resumed', table: 'coming-and-going', run: measure };

async function measure(bench: Bench): Promise<void> {
  const pair = await bench.pair();
  for (const { ms, rounds } of bench.options.sleeps) {
    bench.options.say(`resumed: after ${inWords(ms)}, ${rounds} times`);
    const [ours, bare] = [new WakeUp(), new WakeUp()];
    await inTurn(rounds, [() => comeBack(pair, ours), () => wakeBare(pair, bare)], async () => {
      await fallAsleep(pair);
      await delay(ms);
      // What was stopped meanwhile, to free memory, would be another measurement.
      await pair.ours.paused();
    });
    bench.comingAndGoing.push(...compare(`after ${inWords(ms)} asleep`, ours, bare));
  }
}

/** All have been awake for a moment, and were paused in the same. */
async function fallAsleep({ ours, container, cluster }: Pair): Promise<void> {
  await cluster.unpause();
  await cluster.door.untilApiAnswers(100);
  await untilAppAnswers(cluster.app, 100);
  await ours.kubectlWorks();
  await ours.paused();
  await Promise.all([cluster.pause(), container.pause()]);
}

/** The machine is quiet again when it resolves. */
async function comeBack({ ours }: Pair, found: WakeUp): Promise<void> {
  await wakeOurs(ours, found);
  await ours.paused();
}

async function wakeBare({ container, cluster }: Pair, found: WakeUp): Promise<void> {
  await wakeBareBoth({ container, cluster }, found);
  await cluster.pause();
}

function compare(when: string, ours: WakeUp, bare: WakeUp): readonly Comparison[] {
  const beside = '`docker unpause` of both';
  return [
    {
      what: `${when}: until a first command has run`,
      ours: ours.shell,
      beside: `${beside}, \`docker exec true\``,
      theirs: bare.shell,
    },
    {
      what: `${when}: from the login until the API answers`,
      ours: ours.apiSinceLogin,
      beside: `${beside}, until the API answers`,
      theirs: bare.api,
    },
    {
      what: `${when}: until the API answers`,
      ours: ours.api,
      beside: `${beside}, until the API answers`,
      theirs: bare.api,
    },
    {
      what: `${when}: until the app answers`,
      ours: ours.app,
      beside: `${beside}, until the app answers`,
      theirs: bare.app,
    },
  ];
}

function inWords(ms: number): string {
  return ms < 60_000 ? `${ms / 1_000} s` : `${ms / 60_000} min`;
}
