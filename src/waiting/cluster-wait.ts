import type { Phase } from '../workspaces/workspace-access.ts';

/** A cluster that sleeps although the workspace is wanted is about to begin; nobody waits longer for that, ms. */
const ABOUT_TO_BEGIN = 2_000;

/**
 * Whether a student's prompt waits for the cluster. Creating and starting take long and are worth watching; resuming
 * takes less than reading about it.
 *
 * @param waited since the prompt could have come, ms
 * @param watched whether the prompt has waited for work of the cluster already: then its last moment is waited for, too
 */
export function clusterDelaysPrompt(phase: Phase, waited: number, watched: boolean): boolean {
  if (phase.kind === 'asleep') return waited < ABOUT_TO_BEGIN;
  if (phase.kind !== 'working') return false;
  switch (phase.action) {
    case 'create':
    case 'start':
    case 'stop':
    case 'remove':
    case 'reset':
      return true;
    case 'connect':
      return watched;
    case 'resume':
    case 'suspend':
      return false;
  }
}
