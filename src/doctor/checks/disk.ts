import { freeSpace } from '../../docker-engine/free-space.ts';
import { counted, formatBytes } from '../../words/amounts.ts';
import { type Check, MOMENT } from '../check.ts';
import { CLUSTER_COST, clustersIn } from '../costs.ts';
import { doubtful, type Judgement, right, wrong } from '../judgement.ts';

/** With room for fewer clusters than this, the disk is in doubt. */
export const FEW_ON_DISK = 5;

export const disk: Check = {
  needs: 'engine',
  limit: MOMENT,
  look: async ({ config }, { info }) =>
    judgeDisk(await freeSpace(info.DockerRootDir), config.clusters.minFreeDisk),
};

/** Never a prune of containers or volumes: those are students' workspaces and homes. */
const REMEDY = ['docker system df', 'docker builder prune   # and docker image prune, for what no tag names'];

/** Both in bytes. `free` undefined: the engine's folder is not one of this machine. */
export function judgeDisk(free: number | undefined, minFree: number): Judgement {
  if (free === undefined) {
    return doubtful(
      "Docker's folder can not be seen from here, so its disk is not known",
      'docker system df',
    );
  }
  const shown = `${formatBytes(free)} free on Docker's disk`;
  if (free < minFree) {
    return wrong(
      `${shown}, and below ${formatBytes(minFree)} (clusters.min_free_disk) no cluster is made`,
      ...REMEDY,
    );
  }
  const room = clustersIn(free - minFree, CLUSTER_COST.disk);
  const text = `${shown}: room for ${counted(room, 'new cluster')} above clusters.min_free_disk (${formatBytes(minFree)})`;
  return room < FEW_ON_DISK ? doubtful(text, ...REMEDY) : right(text);
}
