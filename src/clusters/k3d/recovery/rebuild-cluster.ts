import type Docker from 'dockerode';
import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { workspaceLabels } from '../../../docker-engine/workspace-labels.ts';
import { dockerNames } from '../../../names/docker-names.ts';
import type { InstanceId } from '../../../names/instance-id.ts';
import type { WorkspaceKey } from '../../../names/workspace-key.ts';
import { API_PORT } from '../cluster-lookup.ts';
import type { K3dClustersOptions } from '../k3d-clusters.ts';
import { type ClusterNetwork, clusterNetwork, LOOPBACK_API_PORT } from '../network/cluster-network.ts';
import { makeNetwork } from '../network/make-network.ts';
import { NODE_LABEL } from '../nodes/cluster-nodes.ts';
import { k3sIsInit } from '../nodes/init-process.ts';
import { fixedAddress } from '../nodes/node-address.ts';
import { type ClusterBlueprint, type NodeBlueprint, nodeName } from './cluster-blueprint.ts';

/** Where the image of a node declares volumes: all of k3s's state. */
export const NODE_VOLUMES = {
  k3s: '/var/lib/rancher/k3s',
  kubelet: '/var/lib/kubelet',
  cni: '/var/lib/cni',
  log: '/var/log',
} as const;

export interface RebuildSite {
  readonly engine: DockerEngine;
  readonly instance: InstanceId;
  readonly firstServerLabels: K3dClustersOptions['firstServerLabels'];
}

/** What a cluster's containers are made with besides its blueprint. */
interface Site {
  readonly cluster: string;
  readonly networkName: string;
  readonly networkId: string;
  readonly network: ClusterNetwork;
  readonly imageVolume: string;
  /** Ours, on every node. */
  readonly labels: Readonly<Record<string, string>>;
  /** On the first server, besides those. */
  readonly firstServerLabels: Readonly<Record<string, string>>;
  readonly k3sIsInit: boolean;
  /** Docker refuses more cores than there are. */
  readonly cores: number;
}

/**
 * Makes network, volumes and containers of a cluster as k3d makes them (pkg/runtimes/docker/translate.go, v5.9), with
 * nothing in them and not started. `incomplete` until the caller marks it. Nothing of the cluster may be there. Rejects
 * with `SUBNET_TAKEN`.
 */
export async function rebuildCluster(
  { engine, instance, firstServerLabels }: RebuildSite,
  key: WorkspaceKey,
  blueprint: ClusterBlueprint,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, clusterNetwork: networkName } = dockerNames(instance, key);
  const network = clusterNetwork(blueprint.subnet);
  const site: Site = {
    cluster,
    networkName,
    networkId: await makeNetwork(engine, networkName, network, signal),
    network,
    imageVolume: imageVolume(cluster),
    labels: {
      ...workspaceLabels(instance, key, 'node'),
      [NODE_LABEL.agents]: String(blueprint.nodes.filter(({ role }) => role === 'agent').length),
      [NODE_LABEL.startTimeout]: String(blueprint.startTimeout),
    },
    firstServerLabels: firstServerLabels(key),
    k3sIsInit: await k3sIsInit(engine, signal),
    cores: await coresOf(engine, signal),
  };
  await makeImageVolume(engine, cluster, signal);
  for (const node of blueprint.nodes) {
    await engine.call({
      what: 'make the node',
      signal,
      timeout: 120_000,
      request: (docker, abortSignal) => docker.createContainer({ ...nodeOptions(site, node), abortSignal }),
    });
  }
}

export function imageVolume(cluster: string): string {
  return `k3d-${cluster}-images`;
}

export function nodeContainer(cluster: string, node: Pick<NodeBlueprint, 'role' | 'number'>): string {
  return `k3d-${cluster}-${nodeName(node)}`;
}

function nodeOptions(site: Site, node: NodeBlueprint): Docker.ContainerCreateOptions {
  const { network, networkName } = site;
  const name = nodeContainer(site.cluster, node);
  const address = fixedAddress({ role: node.role, name }, network);
  const isFirstServer = node.role === 'server' && node.number === 0;
  const apiPort = `${API_PORT}/tcp`;
  return {
    name,
    Hostname: name,
    Image: node.image,
    Cmd: node.command,
    Env: node.env,
    Labels: { ...nodeLabels(site, node), ...(isFirstServer && site.firstServerLabels) },
    ...(node.role === 'server' && { ExposedPorts: { [apiPort]: {} } }),
    HostConfig: {
      Privileged: true,
      UsernsMode: 'host',
      Init: !site.k3sIsInit,
      Binds: [`${site.imageVolume}:/k3d/images`],
      // Empty ones: what the image has there has long been copied, and come back with the state, or been deleted since.
      Mounts: Object.values(NODE_VOLUMES).map(emptyVolume),
      Tmpfs: { '/run': '', '/var/run': '' },
      NetworkMode: networkName,
      ...(isFirstServer && {
        PortBindings: { [apiPort]: [{ HostIp: network.loopback, HostPort: String(LOOPBACK_API_PORT) }] },
      }),
      Memory: node.limits.memory,
      // Memory and swap together: no swap.
      MemorySwap: node.limits.memory,
      NanoCpus: Math.round(Math.min(node.limits.cpus, site.cores) * 1e9),
      PidsLimit: node.limits.pids,
      RestartPolicy: { Name: 'unless-stopped' },
    },
    NetworkingConfig: { EndpointsConfig: { [networkName]: { IPAMConfig: { IPv4Address: address } } } },
  };
}

function emptyVolume(target: string): Docker.MountSettings {
  return {
    Type: 'volume',
    Source: '',
    Target: target,
    VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
  };
}

/** What says whose and where the node is comes from here, whatever the blueprint has. */
function nodeLabels(site: Site, node: NodeBlueprint): Record<string, string> {
  return {
    ...node.labels,
    app: 'k3d',
    [NODE_LABEL.cluster]: site.cluster,
    [NODE_LABEL.role]: node.role,
    [NODE_LABEL.subnet]: site.network.cidr,
    'k3d.cluster.imageVolume': site.imageVolume,
    'k3d.cluster.network': site.networkName,
    'k3d.cluster.network.external': 'false',
    'k3d.cluster.network.id': site.networkId,
    ...site.labels,
  };
}

/** k3d's volume for images that are handed to its nodes; where it is there already nothing happens. */
export async function makeImageVolume(
  engine: DockerEngine,
  cluster: string,
  signal: AbortSignal,
): Promise<void> {
  await engine.call({
    what: 'make a volume of the cluster',
    signal,
    request: (docker, abortSignal) =>
      docker.createVolume({
        Name: imageVolume(cluster),
        Driver: 'local',
        Labels: { app: 'k3d', [NODE_LABEL.cluster]: cluster },
        abortSignal,
      }),
  });
}

async function coresOf(engine: DockerEngine, signal: AbortSignal): Promise<number> {
  const { NCPU } = await engine.call({
    what: 'tell about itself',
    signal,
    request: (docker) => docker.info(),
  });
  return NCPU;
}
