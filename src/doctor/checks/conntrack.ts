import { type Check, MOMENT } from '../check.ts';
import { doubtful, type Judgement, right, wrong } from '../judgement.ts';
import { kernelNumber } from '../kernel-number.ts';
import { sysctlRemedy } from '../sysctl-remedy.ts';

/** How full the table of connections may be, as a part of its limit. */
export const CONNTRACK_DOUBTFUL = 0.7;
export const CONNTRACK_WRONG = 0.9;

const FOLDER = '/proc/sys/net/netfilter';

export const conntrack: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async () => {
    const [max, count] = await Promise.all([
      kernelNumber(`${FOLDER}/nf_conntrack_max`),
      kernelNumber(`${FOLDER}/nf_conntrack_count`),
    ]);
    return judgeConntrack(max, count);
  },
};

/** Every connection through a bridge takes an entry; with the table full, new ones are dropped. */
export function judgeConntrack(max: number | undefined, count: number | undefined): Judgement {
  // 0 is no limit (nf_conntrack-sysctl of the kernel's documentation).
  if (max === undefined || count === undefined || max === 0) return right('no limit of connections is set');
  const text = `${count} of ${max} tracked connections are in use`;
  if (count < CONNTRACK_DOUBTFUL * max) return right(text);
  const remedy = sysctlRemedy('net.netfilter.nf_conntrack_max', 2 * max);
  return count < CONNTRACK_WRONG * max ? doubtful(text, ...remedy) : wrong(text, ...remedy);
}
