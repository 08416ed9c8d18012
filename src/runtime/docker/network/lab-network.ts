import { refusalStatus } from '../../../docker-engine/docker-failure.ts';
import { removeNetwork } from '../../../docker-engine/network-removal.ts';
import { workspaceLabels } from '../../../docker-engine/workspace-labels.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import type { ContainerDefinition } from '../../../labs/lab-definition.ts';
import type { SubnetPool } from '../../../subnets/subnet-pool.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';

/** Another factory on this engine may take the same subnet at the same moment; then the next one is tried. */
const ATTEMPTS = 4;

/** Where the lab container's own network leads. */
export type Egress = ContainerDefinition['egress'];

/**
 * With these the host has no address on the bridge, which `Internal` leaves it: all that listens on the host would be in reach. So
 * there is nothing to talk to but the container itself.
 */
const NOWHERE = { Internal: true, Options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' } };

/**
 * Makes the lab container's own network where it is missing, and anew where it leads elsewhere than it should. Rejects with
 * `SUBNETS_EXHAUSTED` and what Docker fails with.
 */
export async function ensureLabNetwork(
  objects: WorkspaceObjects,
  egress: Egress,
  subnets: SubnetPool,
  signal: AbortSignal,
): Promise<void> {
  const { engine, names } = objects;
  const found = await engine.callUnless([404], {
    what: 'look for a network',
    signal,
    request: (docker) => docker.getNetwork(names.network).inspect(),
  });
  if (found?.Internal === (egress === 'none')) return;
  if (found !== undefined) await removeNetwork(engine, names.network, signal);
  await createNetwork(objects, egress, subnets, signal, ATTEMPTS);
}

async function createNetwork(
  objects: WorkspaceObjects,
  egress: Egress,
  subnets: SubnetPool,
  signal: AbortSignal,
  attempts: number,
): Promise<void> {
  const { engine, instance, key, names } = objects;
  // Factories on one engine that look at the same moment all find the same lowest.
  using reservation = await subnets.reserve(signal, attempts === ATTEMPTS ? 'lowest' : 'any');
  try {
    await engine.call({
      what: 'make a network',
      signal,
      request: (docker, abortSignal) =>
        docker.createNetwork({
          Name: names.network,
          CheckDuplicate: true,
          Driver: 'bridge',
          ...(egress === 'none' && NOWHERE),
          IPAM: { Driver: 'default', Config: [{ Subnet: reservation.cidr, Gateway: reservation.host(1) }] },
          Labels: workspaceLabels(instance, key, 'network'),
          abortSignal,
        }),
    });
  } catch (thrown) {
    if (refusalStatus(thrown) === 409) return;
    if (attempts === 1 || !isOverlap(thrown)) throw thrown;
    // Within the block of `reservation`, so that the next one differs from it.
    await createNetwork(objects, egress, subnets, signal, attempts - 1);
  }
}

/** libnetwork's words since Docker 1.9: "Pool overlaps with other one on this address space". */
function isOverlap(thrown: unknown): boolean {
  return thrown instanceof FactoryError && thrown.detail !== undefined && /overlaps/i.test(thrown.detail);
}
