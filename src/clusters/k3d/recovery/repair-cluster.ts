import type Docker from 'dockerode';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { leaveNetwork } from '../../../docker-engine/network-leaving.ts';
import { removeNetwork } from '../../../docker-engine/network-removal.ts';
import { FactoryError } from '../../../errors/factory-error.ts';
import type { DockerNames } from '../../../names/docker-names.ts';
import type { FoundCluster } from '../cluster-lookup.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import { assertSubnetFree, makeNetwork } from '../network/make-network.ts';
import { type ClusterNode, lostAgents, members } from '../nodes/cluster-nodes.ts';
import { stopNodes } from '../nodes/node-actions.ts';
import { fixedAddress } from '../nodes/node-address.ts';
import { imageVolume, makeImageVolume } from './rebuild-cluster.ts';

export interface RepairInput {
  readonly names: Pick<DockerNames, 'cluster' | 'clusterNetwork'>;
  readonly cluster: FoundCluster;
  /** Told of each thing that was not as it must be, a short phrase. */
  readonly onRepair: (what: string) => void;
}

/**
 * Puts right, before a start, what Docker needs for it and what k3d takes for granted: the network of the cluster (a
 * `docker network prune` takes that of stopped clusters), each node's place in it under its own address, k3d's volume for images,
 * and that no node is in the middle of restarting. Rejects with `SUBNET_TAKEN`, and with `CLUSTER_BROKEN`
 * for what cannot be put right.
 */
export async function repairCluster(
  engine: DockerEngine,
  { names, cluster, onRepair }: RepairInput,
  signal: AbortSignal,
): Promise<void> {
  const nodes = members(cluster.nodes);
  const dead = nodes.find((node) => node.state === 'dead');
  if (dead !== undefined) {
    throw new FactoryError(
      'CLUSTER_BROKEN',
      'Docker has given up a node of the cluster and cannot start it again; reset the cluster.',
      { detail: `${dead.name} ${dead.state}` },
    );
  }
  const gone = lostAgents(cluster.server, nodes);
  if (gone > 0) onRepair(`${gone} of its agents are gone; it starts without them`);
  for (const node of nodes.filter(({ state }) => state === 'restarting')) {
    onRepair(`${node.name} restarted again and again; stopped first`);
    await stopRestarting(engine, node, signal);
  }
  await repairImageVolume(engine, names.cluster, onRepair, signal);
  await repairPlaces(engine, { names, cluster, onRepair }, nodes, signal);
}

/** Puts those of the cluster's nodes that are not in its network at their own address there; stops them for it. */
export async function repairPlaces(
  engine: DockerEngine,
  { names, cluster, onRepair }: RepairInput,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<void> {
  const network = await repairNetwork(engine, names.clusterNetwork, cluster.network, onRepair, signal);
  for (const node of nodes) {
    const address = fixedAddress(node, cluster.network);
    const endpoint = await endpointOf(engine, node, names.clusterNetwork, signal);
    if (isInPlace(endpoint, network, address)) continue;
    onRepair(`${node.name} was not at ${address} in its network; put back`);
    await stopNodes(engine, [node], signal);
    await putIntoPlace(engine, node, names.clusterNetwork, address, signal);
  }
}

type Endpoint = Docker.EndpointSettings | undefined;

function isInPlace(endpoint: Endpoint, network: string, address: string): boolean {
  if (endpoint?.IPAMConfig?.IPv4Address !== address) return false;
  // Empty in a container that has not run since it joined; Docker then goes by the name.
  return endpoint.NetworkID === '' || endpoint.NetworkID === network;
}

/** Resolves with the id of the network, made anew where there is none or one with other addresses. */
async function repairNetwork(
  engine: DockerEngine,
  name: string,
  wanted: ClusterNetwork,
  onRepair: RepairInput['onRepair'],
  signal: AbortSignal,
): Promise<string> {
  const found = await engine.callUnless([404], {
    what: 'look at the network of the cluster',
    signal,
    request: (docker): Promise<Docker.NetworkInspectInfo> => docker.getNetwork(name).inspect(),
  });
  if (found?.IPAM?.Config?.some(({ Subnet }) => Subnet === wanted.cidr)) return found.Id;
  await assertSubnetFree(engine, wanted.cidr, name, signal);
  onRepair(`its network was ${found === undefined ? 'gone' : 'another'}; made anew`);
  await removeNetwork(engine, name, signal);
  return makeNetwork(engine, name, wanted, signal);
}

async function repairImageVolume(
  engine: DockerEngine,
  cluster: string,
  onRepair: RepairInput['onRepair'],
  signal: AbortSignal,
): Promise<void> {
  const found = await engine.callUnless([404], {
    what: "look at the cluster's volume for images",
    signal,
    request: (docker) => docker.getVolume(imageVolume(cluster)).inspect(),
  });
  if (found !== undefined) return;
  onRepair('its volume for images was gone; made anew');
  await makeImageVolume(engine, cluster, signal);
}

async function endpointOf(
  engine: DockerEngine,
  node: ClusterNode,
  network: string,
  signal: AbortSignal,
): Promise<Endpoint> {
  const { NetworkSettings } = await engine.call({
    what: 'look at the node',
    signal,
    request: (docker, abortSignal) => docker.getContainer(node.id).inspect({ abortSignal }),
  });
  return NetworkSettings.Networks[network];
}

async function putIntoPlace(
  engine: DockerEngine,
  node: ClusterNode,
  name: string,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  await leaveNetwork(engine, name, node.id, 'take the node out of its network', signal);
  const options = (abortSignal: AbortSignal) => ({
    Container: node.id,
    EndpointConfig: { IPAMConfig: { IPv4Address: address } },
    abortSignal,
  });
  await engine.call({
    what: 'put the node into its network',
    signal,
    request: (docker, abortSignal) => docker.getNetwork(name).connect(options(abortSignal)),
  });
}

async function stopRestarting(engine: DockerEngine, node: ClusterNode, signal: AbortSignal): Promise<void> {
  await engine.callUnless([304, 404], {
    what: 'stop the node',
    signal,
    timeout: 60_000,
    request: async (docker, abortSignal) => {
      const container = docker.getContainer(node.id);
      await container.update({ RestartPolicy: { Name: 'no' }, abortSignal });
      await container.stop({ t: 5, abortSignal });
    },
  });
}
