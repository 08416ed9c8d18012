import type { ContainerUse } from '../../docker-engine/container-use.ts';
import type { CpuMeter } from '../../docker-engine/cpu-meter.ts';
import type { ClusterNodeStatus } from '../../workspaces/ports/clusters.ts';

/** Cores that a node uses; undefined where nobody can tell. `at`: when its use was looked at, ms since the epoch. */
export function nodeCpu(
  node: { readonly id: string; readonly state: ClusterNodeStatus['state'] },
  { cpuTime, since }: Pick<ContainerUse, 'cpuTime' | 'since'>,
  meter: CpuMeter,
  at: number,
): number | undefined {
  // The meter has figures of the second before, and none of what does not run; neither is what such a node uses.
  if (node.state !== 'running' || since === undefined) return 0;
  if (cpuTime === undefined) return undefined;
  return meter.cores({ id: node.id, since, cpuTime, at });
}
