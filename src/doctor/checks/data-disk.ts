import { freeSpaceFor } from '../../docker-engine/free-space.ts';
import { formatBytes } from '../../words/amounts.ts';
import { quoted } from '../../words/shell-word.ts';
import { type Check, MOMENT } from '../check.ts';
import { doubtful, type Judgement, right, wrong } from '../judgement.ts';

/** Bytes. The folder holds keys, routes and the logs of clusters that could not be made. */
export const DATA_DISK_DOUBTFUL = 2 ** 30;
export const DATA_DISK_WRONG = 100 * 2 ** 20;

export const dataDisk: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async ({ config: { data } }) => judgeDataDisk(data, await freeSpaceFor(data)),
};

/** `free` in bytes; undefined where it can't be known. */
export function judgeDataDisk(data: string, free: number | undefined): Judgement {
  const remedy = `df -h ${quoted(data)}`;
  if (free === undefined) return doubtful(`the disk of ${data} can not be looked at`, remedy);
  const text = `${formatBytes(free)} free on the disk of ${data}`;
  if (free < DATA_DISK_WRONG) return wrong(text, remedy);
  return free < DATA_DISK_DOUBTFUL ? doubtful(text, remedy) : right(text);
}
