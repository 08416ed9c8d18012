import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { freeSpace } from '../../../docker-engine/free-space.ts';
import { FactoryError } from '../../../errors/factory-error.ts';

/** Rejects with `DISK_NEARLY_FULL` where Docker's disk has less than `minFree` bytes left. */
export async function checkDiskSpace(
  engine: DockerEngine,
  minFree: number,
  signal: AbortSignal,
): Promise<void> {
  const info: { DockerRootDir?: string } = await engine.call({
    what: 'tell about itself',
    signal,
    request: (docker) => docker.info(),
  });
  // Where Docker runs in a machine of its own, its folder is not one of ours.
  const free = await freeSpace(info.DockerRootDir ?? '');
  if (free === undefined || free >= minFree) return;
  throw new FactoryError(
    'DISK_NEARLY_FULL',
    `Docker's disk has ${gibibytes(free)} GiB left and a new cluster needs ${gibibytes(minFree)}; free some space.`,
  );
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
