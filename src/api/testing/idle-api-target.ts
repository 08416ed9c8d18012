import type { ClusterApiTarget } from '../cluster-api-target.ts';

/** A factory without workspaces, in which nothing happens: tests replace what they ask of it. */
export const IDLE_API_TARGET: ClusterApiTarget = {
  snapshots: () => [],
  snapshot: () => undefined,
  onChange: () => ({ [Symbol.dispose]: () => {} }),
  admit: async () => {},
  command: async () => {},
  extend: () => 0,
  nodes: async () => [],
  logs: async () => ({ nodes: [], kept: undefined }),
  kubeconfig: async () => '',
  async *events() {},
  route: () => undefined,
  urls: () => ({ http: '', https: '' }),
};
