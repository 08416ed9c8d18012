import { type PoolUsage, poolUsage } from '../../subnets/pool-usage.ts';
import { counted } from '../../words/amounts.ts';
import type { Check } from '../check.ts';
import { NETWORKS_OF_A_WORKSPACE } from '../costs.ts';
import { doubtful, type Judgement, right, wrong } from '../judgement.ts';

/** With room for fewer workspaces than this, the pool is in doubt. */
export const FEW_IN_POOL = 4;

export const subnets: Check = {
  needs: 'engine',
  limit: 60_000,
  look: async ({ config }, { engine }, signal) => {
    const within = config.clusters.subnets;
    return judgePool(within, await poolUsage({ engine, within }, signal));
  },
};

/** `within`: `clusters.subnets` of the configuration. */
export function judgePool(within: string, { total, free, neighbours }: PoolUsage): Judgement {
  const room = Math.floor(free / NETWORKS_OF_A_WORKSPACE);
  const text = `${free} of the ${total} networks in ${within} are free, enough for ${counted(room, 'more workspace')}`;
  const clash = neighbours.length === 0 ? '' : `; taken by ${neighbours.join(', ')}`;
  if (room === 0) return wrong(`${text}${clash}`, ...REMEDY);
  if (room < FEW_IN_POOL || clash !== '') return doubtful(`${text}${clash}`, ...REMEDY);
  return right(text);
}

const REMEDY = [
  'in the configuration: clusters: { subnets: 10.210.0.0/16 }   # or another range that nobody here uses',
  'ip route   # what this host reaches',
];
