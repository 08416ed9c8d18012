import { freemem } from 'node:os';
import type { DockerEngine } from '../../docker-engine/docker-engine.ts';
import { counted, formatBytes } from '../../words/amounts.ts';
import type { Check } from '../check.ts';
import { CLUSTER_COST, clustersIn } from '../costs.ts';
import { doubtful, type Judgement, right, wrong } from '../judgement.ts';

/** With room for fewer clusters than this, memory is in doubt. */
export const FEW_IN_MEMORY = 2;

export const memory: Check = {
  needs: 'engine',
  limit: 60_000,
  look: async (_, { engine }, signal) => judgeMemory(freemem(), await clustersInMemory(engine, signal)),
};

/** `available` in bytes, what the kernel could give without swapping. `inMemory`: clusters that have theirs already. */
export function judgeMemory(available: number, inMemory: number): Judgement {
  const room = clustersIn(available, CLUSTER_COST.memory);
  const text = `${formatBytes(available)} available: room for ${counted(room, 'more cluster')} beside the ${inMemory} that run or are paused`;
  if (room === 0) return wrong(text, ...REMEDY);
  return room < FEW_IN_MEMORY ? doubtful(text, ...REMEDY) : right(text);
}

const REMEDY = [
  'ps aux --sort=-rss | head   # what takes it',
  'in the configuration: lifecycle: { stop_after: 5m }   # paused clusters keep their memory until then',
];

/** The clusters of whoever uses this engine. A paused one keeps its memory. */
async function clustersInMemory(engine: DockerEngine, signal: AbortSignal): Promise<number> {
  const servers = await engine.call({
    what: 'list the clusters',
    signal,
    request: (docker, abortSignal) =>
      docker.listContainers({
        filters: { label: ['k3d.role=server'], status: ['running', 'paused'] },
        abortSignal,
      }),
  });
  return servers.length;
}
