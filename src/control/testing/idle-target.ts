import type { ControlTarget } from '../control-target.ts';

/** A factory in which nothing happens: tests replace what they ask of it. */
export const IDLE_TARGET: ControlTarget = {
  status: () => Promise.reject(new Error('not asked for')),
  drain: () => ({ until: '' }),
  cancelDrain: () => {},
  async *events() {},
  garbage: {
    list: async () => ({ orphans: [] }),
    collect: async () => ({ removed: [], failed: [] }),
  },
  tokens: {
    issuer: { issue: () => Promise.reject(new Error('not asked for')) },
    rotate: () => Promise.reject(new Error('not asked for')),
    revoke: async () => {},
    jwks: () => ({ keys: [] }),
  },
  users: {
    list: async () => [],
    accept: () => Promise.reject(new Error('not asked for')),
  },
  who: () => Promise.reject(new Error('not asked for')),
  hooks: {
    list: () => ({ waiting: 0, given_up: 0, hooks: [] }),
    retry: () => 0,
    drop: () => {},
  },
  command: async () => {},
};
