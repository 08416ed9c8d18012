import { type Check, MOMENT } from '../check.ts';
import { type Judgement, right, wrong } from '../judgement.ts';
import { isAtLeast, parseVersion } from '../version.ts';

/** As `engines` in package.json says. */
export const OLDEST_NODE = [22, 19] as const;

export const nodeVersion: Check = {
  needs: 'nothing',
  limit: MOMENT,
  look: async () => judgeNodeVersion(process.versions.node),
};

export function judgeNodeVersion(version: string): Judgement {
  const parsed = parseVersion(version);
  if (parsed !== undefined && isAtLeast(parsed, OLDEST_NODE)) return right(`Node ${version}`);
  return wrong(
    `Node ${version} is too old: ${OLDEST_NODE.join('.')} or newer is needed`,
    './factory setup   # brings one of its own',
  );
}
