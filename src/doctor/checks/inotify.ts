import { counted } from '../../words/amounts.ts';
import { type Check, MOMENT } from '../check.ts';
import { CLUSTER_COST, clustersIn } from '../costs.ts';
import { doubtful, type Judgement, right, together, wrong } from '../judgement.ts';
import { kernelNumber } from '../kernel-number.ts';
import { sysctlRemedy } from '../sysctl-remedy.ts';

/** What set-up raises the limit of instances to, and what it proposes for watches. */
export const ENOUGH_INSTANCES = 1024;
export const ENOUGH_WATCHES = 65_536;

const FOLDER = '/proc/sys/fs/inotify';

export const inotify: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async () => {
    const [instances, watches] = await Promise.all([
      kernelNumber(`${FOLDER}/max_user_instances`),
      kernelNumber(`${FOLDER}/max_user_watches`),
    ]);
    return judgeInotify(instances, watches);
  },
};

/** Limits for each user of the machine, and all nodes are root's. */
export function judgeInotify(instances: number | undefined, watches: number | undefined): Judgement {
  if (instances === undefined || watches === undefined) return right('this system has no limits of inotify');
  return together(
    [judgeInstances(instances), judgeWatches(watches)],
    `${instances} instances (a cluster takes ${CLUSTER_COST.inotifyInstances}), ${watches} watches`,
  );
}

function judgeInstances(instances: number): Judgement {
  const clusters = clustersIn(instances, CLUSTER_COST.inotifyInstances);
  const text = `${instances} inotify instances are enough for ${counted(clusters, 'cluster')} at most`;
  const remedy = sysctlRemedy('fs.inotify.max_user_instances', ENOUGH_INSTANCES);
  if (clusters === 0) return wrong(text, ...remedy);
  return instances < ENOUGH_INSTANCES ? doubtful(text, ...remedy) : right(text);
}

function judgeWatches(watches: number): Judgement {
  if (watches >= ENOUGH_WATCHES) return right(`${watches} watches`);
  return doubtful(
    `${watches} inotify watches are few for many clusters`,
    ...sysctlRemedy('fs.inotify.max_user_watches', ENOUGH_WATCHES),
  );
}
