import type { EventRecorder } from '../harness/event-recorder.ts';
import type { Factory } from '../harness/factory.ts';
import { clusterOfUse } from '../harness/kubectl.ts';
import type { Student } from '../harness/student.ts';
import type { Workspace } from '../harness/workspace.ts';

/** Where a student comes to and goes from. */
export interface Place {
  readonly factory: Factory;
  /** Of the factory. */
  readonly instance: string;
  readonly recorder: EventRecorder;
  readonly student: Student;
  readonly workspace: Workspace;
  /** Roles of what is paused, as the labels have them. */
  readonly roles: readonly ('container' | 'node')[];
}

/** One way in which a student's last connection ends. */
export interface Way {
  readonly name: string;
  /** Resolves when the student is connected. */
  readonly come: (place: Place) => Promise<Stay>;
  /** How long the factory may take to know that they are gone, or be busy with a step; ms. Absent: it acts at once. */
  readonly noticedWithin?: number;
  /** It takes the container down or takes its time, so that it may be stopped and not paused. */
  readonly ends?: 'asleep';
  /** Looked at while the workspace sleeps. */
  readonly asleep?: (place: Place) => Promise<void>;
  /** How they come back; absent: a plain login that has to work. */
  readonly comeBack?: (place: Place) => Promise<void>;
}

/** A student who is there. Disposing it ends what is left of their programs. */
export interface Stay extends AsyncDisposable {
  /** So long nothing may be paused before they go; ms. */
  readonly lasts?: number;
  /** Resolves when they are gone, as far as anybody on their side can tell. */
  readonly leave: () => Promise<unknown>;
}

/** How long a workspace stays as it is after the last connection; ms. */
export const GRACE = 3_000;
/** Of `ssh.keepalive`; ms. */
const KEEPALIVE_INTERVAL = 2_000;
const KEEPALIVE_COUNT = 3;

export const KEEPALIVE = { interval: `${KEEPALIVE_INTERVAL}ms`, count: KEEPALIVE_COUNT };
/** Until a client that fell silent is given up; ms. */
export const SILENCE = (KEEPALIVE_COUNT + 1) * KEEPALIVE_INTERVAL;

/**
 * How long a cluster is suspended before it is stopped; ms. Longer than somebody takes to come back on a busy machine: what runs in the
 * container outlives the suspension, and no stop.
 */
export const CLUSTER_STOP_AFTER = 45_000;

/** A stay in one program, and the way out of it. */
export function stay<Program extends AsyncDisposable>(
  program: Program,
  leave: (program: Program) => unknown,
  more: { readonly lasts?: number } = {},
): Stay {
  return {
    ...more,
    leave: async () => leave(program),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** The same way of a student whose cluster is of use by then. */
export function withCluster(way: Way): Way {
  return {
    ...way,
    name: `with a cluster: ${way.name}`,
    come: async (place) => {
      const stay = await way.come(place);
      await clusterOfUse(place.student);
      return stay;
    },
  };
}
