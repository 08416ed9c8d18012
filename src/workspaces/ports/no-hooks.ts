import type { Hooks } from './hooks.ts';

/** Nobody is called, whatever labs ask for. */
export const NO_HOOKS: Hooks = {
  recover: () => {},
  configured: () => undefined,
  openConfigurations: () => [],
  configure: async () => ({ id: '', values: {}, env: {}, files: [], message: '' }),
  sessionBegan: () => {},
  sessionEnded: () => {},
  graceOver: () => {},
  deleted: () => {},
};
