import { ExecaError, execa } from 'execa';
import type { Check } from '../check.ts';
import { doubtful, type Judgement, right, wrong } from '../judgement.ts';
import { isAtLeast, parseVersion } from '../version.ts';

/** The version that the factory is tried with. */
export const TRIED_K3D = [5, 9] as const;

/** Where nobody listens, and whoever asks is told so at once. */
const NO_ENGINE = 'tcp://127.0.0.1:1';

const BRING = './factory setup   # brings the right one';

export const k3d: Check = {
  needs: 'nothing',
  limit: 40_000,
  look: async (site, signal) => {
    try {
      const { stdout } = await execa(site.k3d, ['version'], {
        cancelSignal: signal,
        timeout: 30_000,
        stdin: 'ignore',
        // It asks the engine even for its own version, and one that hangs or is misnamed is another check's finding.
        env: { DOCKER_HOST: NO_ENGINE },
      });
      return judgeK3d(stdout);
    } catch (thrown) {
      signal.throwIfAborted();
      const why = thrown instanceof ExecaError ? (thrown.code ?? thrown.shortMessage) : String(thrown);
      return wrong(`k3d is not there or does not run (${site.k3d}: ${why})`, BRING);
    }
  },
};

/** `output`: of `k3d version`, whose first line is "k3d version v5.9.0". */
export function judgeK3d(output: string): Judgement {
  const [, text = ''] = /^k3d version (\S+)/m.exec(output) ?? [];
  const version = parseVersion(text);
  if (version === undefined) {
    return doubtful('k3d does not tell its version; v5 is needed', 'k3d version', BRING);
  }
  if (version[0] !== TRIED_K3D[0]) return wrong(`k3d ${text}: v${TRIED_K3D[0]} is needed`, BRING);
  if (isAtLeast(version, TRIED_K3D)) return right(`k3d ${text}`);
  return doubtful(
    `k3d ${text} is older than v${TRIED_K3D.join('.')}, which the factory is tried with`,
    BRING,
  );
}
