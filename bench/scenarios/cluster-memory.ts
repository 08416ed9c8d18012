import { Factory } from '../../test/e2e/harness/factory.ts';
import { CLUSTER_KINDS, type ClusterKind, WITH_AGENT } from '../parts/cluster-kinds.ts';
import { IdleWorkspace, type MemoryByRole, MemorySamples } from '../parts/idle-workspace.ts';
import type { Bench, Scenario } from './bench.ts';

/** How old a cluster is when it is looked at, since it was of use: its start has settled by then; ms. */
const AGE = 120_000;

/** What a cluster that does nothing takes of the host's memory, with all that k3s brings and with as little as will do. */
export const clusterMemory: Scenario = { name: 'cluster memory', table: 'memory', run: measure };

interface Subject {
  readonly kind: ClusterKind;
  readonly found: MemoryByRole;
}

async function measure(bench: Bench): Promise<void> {
  const { rounds, say, setUp } = bench.options;
  const [agent, container] = [new MemorySamples(), new MemorySamples()];
  const subject = (kind: ClusterKind) => ({ kind, found: { server: new MemorySamples(), agent, container } });
  const subjects = CLUSTER_KINDS.map(subject);
  for (let round = 0; round < rounds.slow; round += 1)
    await measureAll([...subjects, subject(WITH_AGENT)], say);
  bench.memory = {
    image: setUp.images.node,
    clusters: subjects.map(({ kind, found }) => ({ what: kind.what, ...found.server })),
    agent: { what: WITH_AGENT.what, ...agent },
    container: { what: "the lab's container", ...container },
  };
}

/** Each at the same age, with the others beside it, as on any host. */
async function measureAll(subjects: readonly Subject[], say: (text: string) => void): Promise<void> {
  await using factory = await Factory.start({
    grace: '1s',
    labs: Object.fromEntries(subjects.map(({ kind }) => [kind.name, kind.lab])),
    groups: subjects.map(({ kind: { name } }) => ({ name, members: [name], labs: [name] })),
  });
  await using held = new AsyncDisposableStack();
  const measurements: Array<() => Promise<void>> = [];
  for (const { kind, found } of subjects) {
    say(`cluster memory: making a cluster, ${kind.what}`);
    const workspace = held.use(await IdleWorkspace.create(factory, kind));
    measurements.push(async () => {
      await workspace.reaches(AGE);
      await workspace.measure(found);
    });
  }
  say('cluster memory: waiting until they have settled');
  for (const one of measurements) await one();
}
