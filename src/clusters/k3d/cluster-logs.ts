import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { withoutSecrets } from '../../logging/secrets.ts';
import { type KeptLog, keptLogFile, readKeptLog } from './creation/kept-log.ts';
import { clusterNodes, members } from './nodes/cluster-nodes.ts';
import { readNodeLog } from './nodes/node-log.ts';

/** What there is to read of one cluster. */
export interface ClusterLogs {
  readonly nodes: readonly NodeLog[];
  /** Of the last creation or start that failed. */
  readonly kept: KeptLog | undefined;
}

export interface NodeLog {
  readonly name: string;
  /** Docker's word: running, paused, exited, … */
  readonly state: string;
  readonly lines: readonly string[];
}

export interface ClusterLogsInput {
  readonly engine: DockerEngine;
  /** k3d's name of the cluster. */
  readonly cluster: string;
  /** Where logs of failures are kept. */
  readonly folder: string;
  /** How many lines at most of each, the last ones. */
  readonly lines: number;
}

/** Rejects with `DOCKER_UNAVAILABLE`, `DOCKER_FAILED`, `TIMED_OUT`. */
export async function readClusterLogs(input: ClusterLogsInput, signal: AbortSignal): Promise<ClusterLogs> {
  const { engine, cluster, folder, lines } = input;
  const nodes = members(await clusterNodes(engine, cluster, signal));
  const kept = await readKeptLog(keptLogFile(folder, cluster));
  return {
    nodes: await Promise.all(
      nodes.map(async (node) => {
        const log = await readNodeLog(engine, node, lines, signal);
        return { name: node.name, state: node.state, lines: log.map(withoutSecrets) };
      }),
    ),
    kept: kept && { ...kept, lines: kept.lines.slice(-lines) },
  };
}
