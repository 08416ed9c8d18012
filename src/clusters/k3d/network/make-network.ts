import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { refusalStatus } from '../../../docker-engine/docker-failure.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import { overlap, parseRange } from '../../../subnets/ipv4-range.ts';
import type { ClusterNetwork } from './cluster-network.ts';

/** Makes the network of a cluster as k3d does; resolves with Docker's id. Rejects with `SUBNET_TAKEN`. */
export async function makeNetwork(
  engine: DockerEngine,
  name: string,
  { cidr, gateway }: ClusterNetwork,
  signal: AbortSignal,
): Promise<string> {
  try {
    const network = await engine.call({
      what: 'make the network of the cluster',
      signal,
      request: (docker, abortSignal) =>
        docker.createNetwork({
          Name: name,
          CheckDuplicate: true,
          Driver: 'bridge',
          IPAM: { Driver: 'default', Config: [{ Subnet: cidr, Gateway: gateway }] },
          Options: { 'com.docker.network.bridge.enable_ip_masquerade': 'true' },
          Labels: { app: 'k3d' },
          abortSignal,
        }),
    });
    return network.id;
  } catch (thrown) {
    if (refusalStatus(thrown) === undefined) throw thrown;
    throw subnetTaken(cidr, thrown);
  }
}

/** Rejects with `SUBNET_TAKEN` where a Docker network other than `own` has some of it. */
export async function assertSubnetFree(
  engine: DockerEngine,
  subnet: string,
  own: string,
  signal: AbortSignal,
): Promise<void> {
  const networks = await engine.call({
    what: 'list its networks',
    signal,
    request: (docker, abortSignal) => docker.listNetworks({ abortSignal }),
  });
  const wanted = parseRange(subnet);
  const others = networks
    .filter(({ Name }) => Name !== own)
    .flatMap(({ IPAM }) => IPAM?.Config ?? [])
    .flatMap(({ Subnet }) => parseRange(Subnet ?? '') ?? []);
  if (wanted === undefined || others.some((other) => overlap(wanted, other))) throw subnetTaken(subnet);
}

function subnetTaken(subnet: string, cause?: unknown): FactoryError {
  return new FactoryError(
    'SUBNET_TAKEN',
    `The cluster needs the network ${subnet}, as its addresses are fixed, and something else has it now: remove that; a restore can do without the cluster by --home-only.`,
    { cause },
  );
}
