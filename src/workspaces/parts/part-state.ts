import type { DesiredState } from '../desired-state.ts';
import type { WorkspaceAction } from '../workspace-access.ts';

/**
 * What is there of a container or of a cluster. `incomplete` can only be removed. `unconnected` runs, but the rest of the
 * workspace (route, kubeconfig) has not been told of it yet.
 */
export type PartState = 'absent' | 'incomplete' | 'stopped' | 'suspended' | 'unconnected' | 'running';

type Transitions = Readonly<Record<PartState, WorkspaceAction | undefined>>;

/**
 * Every legal step: desired state, observed state, the one action that leads nearer. Undefined: nothing to do. A step is only
 * ever chosen from this table, so what is not in it cannot happen.
 */
const STEPS: Readonly<Record<DesiredState, Transitions>> = {
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
};

/** The step from `observed` towards `desired`. */
export function nextStep(desired: DesiredState, observed: PartState): WorkspaceAction | undefined {
  return STEPS[desired][observed];
}
