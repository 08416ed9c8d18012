import type { Hooks } from '../ports/hooks.ts';

/** Labs that ask for nothing. */
export const NO_HOOKS: Hooks = {
  configured: () => undefined,
  openConfigurations: () => [],
  configure: async () => ({ id: '', values: {}, env: {}, files: [], message: '' }),
  sessionBegan: () => {},
  sessionEnded: () => {},
  graceOver: () => {},
  deleted: () => {},
};
