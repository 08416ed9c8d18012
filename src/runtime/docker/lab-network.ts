import { refusalStatus } from '../../docker-engine/docker-failure.ts';
import { workspaceLabels } from '../../docker-engine/workspace-labels.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { SubnetPool } from '../../subnets/subnet-pool.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

/** Another factory on this engine may take the same subnet at the same moment; then the next one is tried. */
const ATTEMPTS = 4;

/** Makes the lab container's own network where it is missing. Rejects with `SUBNETS_EXHAUSTED` and what Docker fails with. */
export async function ensureLabNetwork(
  objects: WorkspaceObjects,
  subnets: SubnetPool,
  signal: AbortSignal,
): Promise<void> {
  if (!(await networkExists(objects, signal))) await createNetwork(objects, subnets, signal, ATTEMPTS);
}

async function networkExists({ engine, names }: WorkspaceObjects, signal: AbortSignal): Promise<boolean> {
  const found = await engine.callUnless([404], {
    what: 'look for a network',
    signal,
    request: (docker) => docker.getNetwork(names.network).inspect(),
  });
  return found !== undefined;
}

async function createNetwork(
  objects: WorkspaceObjects,
  subnets: SubnetPool,
  signal: AbortSignal,
  attempts: number,
): Promise<void> {
  const { engine, instance, key, names } = objects;
  using reservation = await subnets.reserve(signal);
  try {
    await engine.call({
      what: 'make a network',
      signal,
      request: (docker, abortSignal) =>
        docker.createNetwork({
          Name: names.network,
          CheckDuplicate: true,
          Driver: 'bridge',
          IPAM: { Driver: 'default', Config: [{ Subnet: reservation.cidr, Gateway: reservation.host(1) }] },
          Labels: workspaceLabels(instance, key, 'network'),
          abortSignal,
        }),
    });
  } catch (thrown) {
    if (refusalStatus(thrown) === 409) return;
    if (attempts === 1 || !isOverlap(thrown)) throw thrown;
    // Within the block of `reservation`, so that the next one differs from it.
    await createNetwork(objects, subnets, signal, attempts - 1);
  }
}

/** libnetwork's words since Docker 1.9: "Pool overlaps with other one on this address space". */
function isOverlap(thrown: unknown): boolean {
  return thrown instanceof FactoryError && thrown.detail !== undefined && /overlaps/i.test(thrown.detail);
}
