import { expect } from 'vitest';
import type { DockerEvent } from '../../harness/event-recorder.ts';
import { eventually } from '../../harness/eventually.ts';
import type { SshSession } from '../../harness/ssh-session.ts';
import { GRACE, type Place, type Stay, stay, type Way } from '../way.ts';

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

/** Who is there stays, and was not kept waiting. */
async function backIn(place: Place, within: number, lasts?: number): Promise<Stay> {
  const came = Date.now();
  const client = await place.student.hold();
  expect(Date.now() - came, 'how long the second login took').toBeLessThan(within);
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
    return backIn(place, GRACE, 2 * GRACE);
  },
};

function aroundTheEnd(offset: number): Way {
  return {
    name: `back ${offset} ms after the end of the grace time, then gone`,
    come: async (place) => {
      const goneAt = await comeAndGo(place);
      await eventually(() => Date.now() >= goneAt + GRACE + offset, {
        what: 'the time',
        within: GRACE + 1_000,
        every: 2,
      });
      const back = await backIn(place, 10_000);
      const touches = await touchesSince(place, goneAt);
      // At most one pause of each, around the time the session came, and then its end.
      for (const role of place.roles) {
        const own = touches.filter((touch) => touch.role === role).map(({ action }) => action);
        expect(own).toEqual(own.length === 0 ? [] : ['pause', 'unpause']);
      }
      return back;
    },
  };
}

/** Comes back as soon as Docker says that it does this. */
function during(what: string, role: 'container' | 'node', action: string, within: number): Way {
  return {
    name: `back during the ${what}, then gone`,
    come: async (place) => {
      const { recorder, instance, student } = place;
      const goneAt = await comeAndGo(place);
      await recorder.next(instance, { user: student.name, role, action }, goneAt, 60_000);
      return backIn(place, within);
    },
  };
}

export const COMING_BACK: readonly Way[] = [
  firstOfTwo,
  withinGrace,
  ...[-80, -40, -10, 0, 10, 40, 80].map(aroundTheEnd),
];

export const BACK_DURING_SUSPEND = during('suspend', 'node', 'pause', 15_000);
/** The first thing that a stop does to a container is a signal. */
export const BACK_DURING_STOP = during('stop', 'container', 'kill', 30_000);
/** The API answers before the start is done with, and a start is brought to its end first. */
export const BACK_DURING_CLUSTER_STOP: Way = {
  ...during('stop', 'node', 'kill', 60_000),
  noticedWithin: START,
};
