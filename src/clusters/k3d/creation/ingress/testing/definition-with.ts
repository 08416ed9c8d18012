import type { ClusterDefinition } from '../../../../../labs/lab-definition.ts';

/** A cluster whose servers have these arguments of k3s. */
export function definitionWith(...args: readonly string[]): ClusterDefinition {
  return {
    image: undefined,
    servers: 1,
    agents: 0,
    limits: { memory: 2 ** 30, cpus: 1, pids: 2000 },
    env: [],
    options: {
      k3s: { extraArgs: args.map((arg) => ({ arg, nodeFilters: ['server:*'] })), nodeLabels: [] },
    },
    startTimeout: 120_000,
  };
}
