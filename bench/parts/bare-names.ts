import { execa } from 'execa';
import { docker, dockerLines } from '../../test/e2e/harness/docker.ts';
import { processIdentity } from '../../test/e2e/harness/run-folder.ts';

const NAME = /^(?<cluster>k3d-)?(?<name>bench-(?:as-ours|plain|[0-9a-f]{6})-(?<pid>\d+))(?:-|$)/;

/** A name of a container or cluster without us; it tells whose it is. */
export function bareName(what: string, pid: number): string {
  return `bench-${what}-${pid}`;
}

export interface BareThing {
  readonly kind: 'container' | 'cluster';
  readonly name: string;
  readonly pid: number;
}

/** What a container's name says it belongs to; undefined where it is none of ours. */
export function bareThing(containerName: string): BareThing | undefined {
  const found = NAME.exec(containerName)?.groups;
  if (found?.name === undefined) return undefined;
  return {
    kind: found.cluster === undefined ? 'container' : 'cluster',
    name: found.name,
    pid: Number(found.pid),
  };
}

/** Removes what a bench left behind that was killed. */
export async function sweepDeadBenches(k3d: string): Promise<void> {
  for (const line of await dockerLines(['ps', '--all', '--format', '{{.Names}}'])) {
    const thing = bareThing(line);
    if (thing === undefined || (await processIdentity(thing.pid)) !== undefined) continue;
    if (thing.kind === 'container') await docker(['rm', '--force', '--volumes', thing.name]);
    else await execa(k3d, ['cluster', 'delete', thing.name], { timeout: 60_000 });
  }
}
