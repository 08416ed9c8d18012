import { inTurn, timed } from '../parts/timing.ts';
import type { Bench, Scenario } from './bench.ts';

/** Somebody is in already, and logs in once more. */
export const runningWorkspace: Scenario = { name: 'running', table: 'measured', run: measure };

async function measure(bench: Bench): Promise<void> {
  const { options, comparisons } = bench;
  const { ours, container } = await bench.pair();
  const command: number[] = [];
  const prompt: number[] = [];
  const exec: number[] = [];
  await using session = await ours.student.hold();
  await ours.kubectlWorks();
  await inTurn(options.rounds.quick * 2, [
    () => timed(command, () => ours.student.run('true')),
    () => timed(exec, () => container.exec('true')),
    () => timed(prompt, () => ours.prompt()),
  ]);
  await session.logOut();
  const beside = '`docker exec true`';
  comparisons.push(
    { what: 'running: `ssh host true`', ours: command, beside, theirs: exec },
    { what: 'running: to the prompt', ours: prompt, beside, theirs: exec },
  );
}
