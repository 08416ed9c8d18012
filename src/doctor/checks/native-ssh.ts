import { type Check, MOMENT } from '../check.ts';
import { doubtful, type Judgement, right } from '../judgement.ts';

export const nativeSsh: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async ({ hasNativeCrypto }) => judgeNativeSsh(hasNativeCrypto()),
};

export function judgeNativeSsh(built: boolean): Judgement {
  if (built) return right("ssh2's native addon is built");
  return doubtful(
    "ssh2's native addon is not built: everything works, at half the throughput",
    'sudo apt-get install g++ make python3',
    'npm rebuild ssh2',
  );
}
