import { refusalStatus } from '../../../docker-engine/docker-failure.ts';
import { removeNetwork } from '../../../docker-engine/network-removal.ts';
import { workspaceLabels } from '../../../docker-engine/workspace-labels.ts';
import type { ContainerDefinition } from '../../../labs/lab-definition.ts';
import type { SubnetPool, SubnetReservation } from '../../../subnets/subnet-pool.ts';
import { withFreeSubnet } from '../../../subnets/with-free-subnet.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';

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
  await withFreeSubnet(subnets, signal, (subnet) => createNetwork(objects, egress, subnet, signal));
}

async function createNetwork(
  { engine, instance, key, names }: WorkspaceObjects,
  egress: Egress,
  subnet: SubnetReservation,
  signal: AbortSignal,
): Promise<void> {
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
          IPAM: { Driver: 'default', Config: [{ Subnet: subnet.cidr, Gateway: subnet.host(1) }] },
          Labels: workspaceLabels(instance, key, 'network'),
          abortSignal,
        }),
    });
  } catch (thrown) {
    if (refusalStatus(thrown) !== 409) throw thrown;
  }
}
