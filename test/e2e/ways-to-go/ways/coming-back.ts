import { expect } from 'vitest';
import { recordedEventSchema } from '../../../../src/history/event-schema.ts';
import type { DockerEvent } from '../../harness/event-recorder.ts';
import { eventually, PATIENCE } from '../../harness/eventually.ts';
import { runFactory } from '../../harness/factory-command.ts';
import type { SshSession } from '../../harness/ssh-session.ts';
import { CLUSTER_STOP_AFTER, GRACE, type Place, type Stay, stay, type Way } from '../way.ts';

/** Actions that change a container; exec and the like do not. */
const TOUCHES = ['create', 'start', 'restart', 'stop', 'kill', 'die', 'destroy', 'pause', 'unpause'];

/** What was done to the student's containers since then. */
export async function touchesSince(
  { recorder, instance, student }: Place,
  since: number,
): Promise<readonly DockerEvent[]> {
  await recorder.settled();
  return recorder
    .of(instance, { user: student.name })
    .filter(({ action, at }) => at >= since && TOUCHES.includes(action));
}

/** Until a cluster has started; ms. */
const START = 60_000;

const leaveOrderly = (client: SshSession) => client.logOut();

/** Whoever is not in by then was forgotten; ms. */
const BACK_WITHIN = 60_000;

/** Who is there stays. */
async function backIn(place: Place, lasts?: number): Promise<Stay> {
  const client = await place.student.hold({ timeout: BACK_WITHIN });
  return stay(client, leaveOrderly, lasts === undefined ? {} : { lasts });
}

async function comeAndGo({ student }: Place): Promise<number> {
  await using first = await student.hold();
  await first.kill();
  return Date.now();
}

const firstOfTwo: Way = {
  name: 'of two sessions the first, then the second',
  come: async ({ student }) => {
    await using first = await student.hold();
    const second = await student.hold();
    await first.logOut();
    return stay(second, leaveOrderly, { lasts: 2 * GRACE });
  },
};

const withinGrace: Way = {
  name: 'back within the grace time, then gone',
  come: async (place) => {
    await comeAndGo(place);
    return backIn(place, 2 * GRACE);
  },
};

/**
 * Around the time the session came, and then its end. Where the end follows at once, the engine may tell of both a second time: what
 * containerd says of a pause is taken for another one when it is heard only after the end (Moby, daemon/monitor.go; seen with 20.10 at
 * every few hundredth pause of a busy engine). Then the factory's own history says how often it has suspended.
 */
async function expectOnePauseAtMost(place: Place, since: number): Promise<void> {
  const touches = await touchesSince(place, since);
  for (const role of place.roles) {
    const own = touches.filter((touch) => touch.role === role).map(({ action }) => action);
    const pairs = own.length / 2;
    expect(own).toEqual(Array.from({ length: pairs }, () => ['pause', 'unpause']).flat());
    if (pairs > 1) expect(await suspendsSince(place, since)).toEqual(place.roles.map(() => 'suspend'));
  }
}

/** All steps of the factory that could have paused something since then, by its own history. */
async function suspendsSince({ factory, student }: Place, since: number): Promise<readonly string[]> {
  const { stdout } = await runFactory(factory.folder, ['events', `${student.name}/lab`, '--json']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => recordedEventSchema.parse(JSON.parse(line)))
    .flatMap((event) =>
      (event.kind === 'step_done' || event.kind === 'step_failed') && Date.parse(event.at) >= since
        ? [event.action]
        : [],
    )
    .filter((action) => action !== 'resume' && action !== 'connect');
}

function aroundTheEnd(offset: number): Way {
  return {
    name: `back ${offset} ms after the end of the grace time, then gone`,
    come: async (place) => {
      const goneAt = await comeAndGo(place);
      await eventually(() => Date.now() >= goneAt + GRACE + offset, {
        what: 'the time',
        every: 2,
      });
      const back = await backIn(place);
      await expectOnePauseAtMost(place, goneAt);
      return back;
    },
  };
}

/** Comes back as soon as Docker says that it does this. */
function during(what: string, role: 'container' | 'node', action: string, within = PATIENCE): Way {
  return {
    name: `back during the ${what}, then gone`,
    come: async (place) => {
      const { recorder, instance, student } = place;
      const goneAt = await comeAndGo(place);
      await recorder.next(instance, { user: student.name, role, action }, goneAt, within);
      return backIn(place);
    },
  };
}

export const COMING_BACK: readonly Way[] = [
  firstOfTwo,
  withinGrace,
  ...[-80, -40, -10, 0, 10, 40, 80].map(aroundTheEnd),
];

export const BACK_DURING_SUSPEND = during('suspend', 'node', 'pause');
/** The first thing that a stop does to a container is a signal. */
export const BACK_DURING_STOP = during('stop', 'container', 'kill');
/** The API answers before the start is done with, and a start is brought to its end first. */
export const BACK_DURING_CLUSTER_STOP: Way = {
  ...during('stop', 'node', 'kill', CLUSTER_STOP_AFTER + PATIENCE),
  noticedWithin: START,
};
