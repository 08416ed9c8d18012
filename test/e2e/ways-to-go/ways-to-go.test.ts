import { afterAll, beforeAll, describe, type TestContext, test } from 'vitest';
import { EventRecorder } from '../harness/event-recorder.ts';
import { CLUSTER_LAB, PLAIN_LAB } from '../harness/factory-files.ts';
import type { LabFile } from '../harness/factory-options.ts';
import { Ledger } from './ledger.ts';
import { Places } from './places.ts';
import { tryWay } from './try-way.ts';
import { CLUSTER_STOP_AFTER, type Way, withCluster } from './way.ts';
import { AT_THE_KEYBOARD } from './ways/at-the-keyboard.ts';
import { BROKEN_CONTAINER, FULL_HOME } from './ways/broken-container.ts';
import { CLIENT_DIES, GONE_DURING_CREATION, killed } from './ways/client-dies.ts';
import {
  BACK_DURING_CLUSTER_STOP,
  BACK_DURING_STOP,
  BACK_DURING_SUSPEND,
  COMING_BACK,
} from './ways/coming-back.ts';
import { CUT_NETWORK } from './ways/cut-network.ts';
import { FACTORY_ENDED, factoryKilled } from './ways/factory-goes.ts';
import { EDITOR, WITHOUT_A_SHELL } from './ways/without-a-shell.ts';

const ledger = new Ledger();
const stack = new AsyncDisposableStack();
let recorder: EventRecorder;
beforeAll(async () => {
  recorder = stack.use(await EventRecorder.start());
});
afterAll(async () => {
  process.stdout.write(`\n${ledger.summary}\n`);
  await stack.disposeAsync();
});

interface Group {
  readonly lab: LabFile;
  readonly users: readonly string[];
  readonly ways: readonly Way[];
}

/** One factory, and a test for each way: as many at a time as there are users, and of one user in their order. */
function waysFrom(kind: string, { lab, users, ways }: Group): void {
  describe.concurrent(kind, () => {
    let places: Places;
    beforeAll(async () => {
      places = stack.use(await Places.open({ recorder, lab, users }));
    });
    const concurrent = users.length > 1;
    for (const way of ways) {
      test(way.name, { concurrent }, async (context: TestContext) => {
        places.factory.showLogOnFailure(context);
        await places.use((place) => tryWay(way, place, ledger));
      });
    }
  });
}

waysFrom('a container', {
  lab: PLAIN_LAB,
  users: ['alice', 'bob', 'carol', 'dave'],
  ways: [
    ...AT_THE_KEYBOARD,
    ...CLIENT_DIES,
    ...CUT_NETWORK,
    ...WITHOUT_A_SHELL,
    ...COMING_BACK,
    ...BROKEN_CONTAINER,
  ],
});

waysFrom('a container that is stopped soon', {
  // Not so soon that it is stopped, on a busy machine, before it was suspended.
  lab: { ...PLAIN_LAB, lifecycle: { stop_after: '15s' } },
  users: ['erin'],
  ways: [BACK_DURING_STOP],
});

// Of nobody else: their home is made before the workspace.
waysFrom('a container with a small home', { lab: PLAIN_LAB, users: ['hugo'], ways: [FULL_HOME] });

waysFrom('a factory that goes', { lab: PLAIN_LAB, users: ['gina'], ways: [FACTORY_ENDED] });

waysFrom('a cluster', {
  lab: { ...CLUSTER_LAB, lifecycle: { stop_after: `${CLUSTER_STOP_AFTER}ms` } },
  users: ['frank'],
  ways: [
    GONE_DURING_CREATION,
    withCluster(killed('SIGKILL')),
    withCluster(EDITOR),
    withCluster(BACK_DURING_SUSPEND),
    withCluster(BACK_DURING_CLUSTER_STOP),
    withCluster(factoryKilled()),
  ],
});
