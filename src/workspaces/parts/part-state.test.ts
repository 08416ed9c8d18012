import { describe, expect, test } from 'vitest';
import type { WorkspaceAction } from '../workspace-access.ts';
import { nextStep, type PartState, type PartTarget, resetStep, TRANSITIONS } from './part-state.ts';

const STATES: readonly PartState[] = [
  'absent',
  'incomplete',
  'stopped',
  'suspended',
  'unconnected',
  'running',
];
const TARGETS: readonly PartTarget[] = ['awake', 'as-is', 'suspended', 'stopped', 'absent'];

describe('the table of steps', () => {
  test('chooses legal transitions alone', () => {
    for (const observed of STATES) {
      const chosen = [...TARGETS.map((target) => nextStep(target, observed)), resetStep(observed)];
      for (const action of chosen) {
        if (action !== undefined) expect(TRANSITIONS[action].from, action).toContain(observed);
      }
    }
  });

  test('chooses every action somewhere', () => {
    const chosen = new Set<WorkspaceAction | undefined>();
    for (const observed of STATES) {
      chosen.add(resetStep(observed));
      for (const target of TARGETS) chosen.add(nextStep(target, observed));
    }
    expect([...chosen].filter((action) => action !== undefined).sort()).toEqual(
      Object.keys(TRANSITIONS).sort(),
    );
  });

  test.each(TARGETS)('leads to rest from anywhere: %s', (target) => {
    for (const start of STATES) {
      let states: readonly PartState[] = [start];
      for (let step = 0; step < 4; step++) {
        states = states.flatMap((state) => {
          const action = nextStep(target, state);
          return action === undefined ? [state] : TRANSITIONS[action].to;
        });
      }
      expect(states.filter((state) => nextStep(target, state) !== undefined)).toEqual([]);
    }
  });
});
