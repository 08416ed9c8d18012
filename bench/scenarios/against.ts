import { Factory } from '../../test/e2e/harness/factory.ts';
import { CLUSTER_LAB } from '../../test/e2e/harness/factory-files.ts';
import { OurWorkspace } from '../parts/our-workspace.ts';
import { inTurn } from '../parts/timing.ts';
import type { Bench, Scenario } from './bench.ts';
import { Awakening } from './suspended-workspace.ts';

/** Two builds of the factory in turn: what a change is worth, or costs. `program`: the other one's `main.js`. */
export function against(program: string): Scenario {
  return { name: 'against', table: 'measured', run: (bench) => measure(bench, program) };
}

async function measure({ options, comparisons }: Bench, program: string): Promise<void> {
  const common = { grace: '1s', labs: { k3s: CLUSTER_LAB } };
  await using factory = await Factory.start(common);
  await using other = await Factory.start({ ...common, program });
  const [ours, theirs] = [new Awakening(), new Awakening()];
  const workspace = await OurWorkspace.of(factory, 'alice');
  const counterpart = await OurWorkspace.of(other, 'alice');
  await workspace.prepare();
  await counterpart.prepare();
  const both = theirs.turns(counterpart);
  await inTurn(
    options.rounds.quick,
    ours.turns(workspace).flatMap((turn, kind) => [turn, ...both.slice(kind, kind + 1)]),
  );
  const beside = `the same, by ${program}`;
  comparisons.push(
    { what: 'suspended: `ssh host true`', ours: ours.command, beside, theirs: theirs.command },
    { what: 'suspended: to the prompt', ours: ours.prompt, beside, theirs: theirs.prompt },
    { what: 'suspended: until the API answers', ours: ours.wakeUp.api, beside, theirs: theirs.wakeUp.api },
    { what: 'suspended: until the app answers', ours: ours.wakeUp.app, beside, theirs: theirs.wakeUp.app },
  );
}
