import type { ResourceLimits } from '../../../config/resource-limits.ts';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import type { Logger } from '../../../logging/logger.ts';
import type { Progress } from '../../../workspaces/ports/progress.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import { clusterNodes } from '../nodes/cluster-nodes.ts';
import { prepareNodes } from '../nodes/node-limits.ts';
import { type K3dProgramOptions, type K3dRun, runK3d } from './k3d-program.ts';
import { nodesExist, stepOfLine } from './k3d-steps.ts';

export interface K3dCreation {
  /** k3d's name of the cluster. */
  readonly cluster: string;
  readonly networkName: string;
  readonly configFile: string;
  readonly network: ClusterNetwork;
  readonly limits: ResourceLimits;
  readonly run: Omit<K3dRun, 'args' | 'onLine'>;
  readonly progress: Progress;
  /** k3d's lines are added to it. */
  readonly output: string[];
  readonly logger: Logger;
}

/** Has k3d create the cluster, and prepares its nodes in the moment between their creation and their start. */
export async function createWithK3d(
  engine: DockerEngine,
  program: K3dProgramOptions,
  creation: K3dCreation,
): Promise<void> {
  const unprepared = new AbortController();
  const signal = AbortSignal.any([creation.run.signal, unprepared.signal]);
  let prepared: Promise<void> | undefined;
  const prepare = async () => {
    const nodes = await clusterNodes(engine, creation.cluster, signal);
    await prepareNodes(engine, nodes, creation, signal);
  };
  await runK3d(program, {
    ...creation.run,
    signal,
    args: ['cluster', 'create', '--config', creation.configFile],
    onLine: (line) => {
      tell(line, creation);
      if (prepared !== undefined || !nodesExist(line)) return;
      prepared = prepare();
      prepared.catch((error) => unprepared.abort(error));
    },
  });
  await (prepared ?? prepare());
}

/** Passes what k3d says on to the log and, where it begins a step, to whoever waits. */
export function tell(
  line: string,
  listeners: { readonly progress: Progress; readonly output: string[]; readonly logger: Logger },
): void {
  listeners.output.push(line);
  listeners.logger.debug({ line }, 'k3d');
  const step = stepOfLine(line);
  if (step !== undefined) listeners.progress(step);
}
