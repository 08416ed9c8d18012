import type { WorkspaceAction } from '../workspace-access.ts';

/**
 * What is there of a container or of a cluster. `incomplete` can only be removed. `unconnected` runs, but the rest of the
 * workspace (route, kubeconfig) has not been told of it yet.
 */
export type PartState = 'absent' | 'incomplete' | 'stopped' | 'suspended' | 'unconnected' | 'running';

/** What a part should be. `as-is`: whatever it is now, it stays so. */
export type PartTarget = 'awake' | 'as-is' | 'suspended' | 'stopped' | 'absent';

interface Transition {
  readonly from: readonly PartState[];
  /** What there is after it; anything else means that the step did not do what it should. */
  readonly to: readonly PartState[];
}

/** Every legal transition. What is not in this table cannot happen. */
export const TRANSITIONS: Readonly<Record<WorkspaceAction, Transition>> = {
  create: { from: ['absent'], to: ['unconnected', 'running'] },
  start: { from: ['stopped'], to: ['unconnected', 'running'] },
  resume: { from: ['suspended'], to: ['unconnected', 'running'] },
  connect: { from: ['unconnected'], to: ['running'] },
  // A cluster of several servers is stopped instead.
  suspend: { from: ['unconnected', 'running'], to: ['suspended', 'stopped'] },
  stop: { from: ['suspended', 'unconnected', 'running'], to: ['stopped'] },
  remove: { from: ['incomplete', 'stopped', 'suspended', 'unconnected', 'running'], to: ['absent'] },
  reset: { from: ['stopped', 'suspended', 'unconnected', 'running'], to: ['absent'] },
};

type Steps = Readonly<Record<PartState, WorkspaceAction | undefined>>;

/** Target, observed state, the one action that leads nearer. Undefined: nothing to do. */
const STEPS: Readonly<Record<PartTarget, Steps>> = {
  awake: {
    absent: 'create',
    incomplete: 'remove',
    stopped: 'start',
    suspended: 'resume',
    unconnected: 'connect',
    running: undefined,
  },
  'as-is': {
    absent: undefined,
    incomplete: undefined,
    stopped: undefined,
    suspended: undefined,
    unconnected: undefined,
    running: undefined,
  },
  suspended: {
    absent: undefined,
    incomplete: 'remove',
    stopped: undefined,
    suspended: undefined,
    unconnected: 'suspend',
    running: 'suspend',
  },
  stopped: {
    absent: undefined,
    incomplete: 'remove',
    stopped: undefined,
    suspended: 'stop',
    unconnected: 'stop',
    running: 'stop',
  },
  absent: {
    absent: undefined,
    incomplete: 'remove',
    stopped: 'remove',
    suspended: 'remove',
    unconnected: 'remove',
    running: 'remove',
  },
};

/** The step from `observed` towards `target`. */
export function nextStep(target: PartTarget, observed: PartState): WorkspaceAction | undefined {
  return STEPS[target][observed];
}

/** The step that a wish to have the part made anew leads to: what is no whole part has nothing worth keeping aside. */
export function resetStep(observed: PartState): WorkspaceAction | undefined {
  if (observed === 'absent') return undefined;
  return observed === 'incomplete' ? 'remove' : 'reset';
}
