import { inTurn, timed } from '../parts/timing.ts';
import type { Bench, Pair, Scenario } from './bench.ts';

const LOGINS = 20;

/** A class comes back from its break: many logins in the same moment, into one workspace. */
export const loginsAtOnce: Scenario = { name: 'at once', table: 'measured', run: measure };

async function measure(bench: Bench): Promise<void> {
  const { options, comparisons } = bench;
  const both = await bench.pair();
  const { ours, container } = both;
  const toRunning: number[] = [];
  const toSuspended: number[] = [];
  const running: number[] = [];
  const suspended: number[] = [];
  await inTurn(options.rounds.quick, [
    async () => {
      await ours.paused();
      await timed(toSuspended, () => atOnce(() => ours.student.run('true')));
    },
    async () => {
      await container.pause();
      await timed(suspended, async () => {
        await container.unpause();
        await atOnce(() => container.exec('true'));
      });
    },
    () => loginsToRunning(both, toRunning),
    () => timed(running, () => atOnce(() => container.exec('true'))),
  ]);
  comparisons.push(
    {
      what: `running: ${LOGINS} \`ssh host true\` at once, all done`,
      ours: toRunning,
      beside: `${LOGINS} \`docker exec true\` at once`,
      theirs: running,
    },
    {
      what: `suspended: ${LOGINS} \`ssh host true\` at once, all done`,
      ours: toSuspended,
      beside: `\`docker unpause\`, ${LOGINS} \`docker exec true\` at once`,
      theirs: suspended,
    },
  );
}

async function loginsToRunning({ ours }: Pair, samples: number[]): Promise<void> {
  await using session = await ours.student.hold();
  await ours.kubectlWorks();
  await timed(samples, () => atOnce(() => ours.student.run('true')));
  await session.logOut();
}

async function atOnce(action: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: LOGINS }, action));
}
