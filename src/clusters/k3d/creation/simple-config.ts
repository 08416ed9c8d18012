import type { ClusterDefinition } from '../../../labs/lab-definition.ts';
import { type ClusterNetwork, LOOPBACK_API_PORT } from '../network/cluster-network.ts';
import type { Manifest } from './ingress/ingress-manifests.ts';

export interface SimpleConfigInput {
  /** k3d's name of the cluster. */
  readonly name: string;
  readonly image: string;
  readonly definition: ClusterDefinition;
  readonly network: ClusterNetwork;
  /** On every node. */
  readonly labels: Readonly<Record<string, string>>;
  /** On the first server alone, besides those. */
  readonly firstServerLabels: Readonly<Record<string, string>>;
  /** Names for the certificate of the API, besides those k3s puts there. */
  readonly tlsNames: readonly string[];
  /** The text of a resolv.conf for pods; undefined leaves k3s's own choice. */
  readonly resolvConf: string | undefined;
  /** For the servers to apply. */
  readonly manifests: readonly Manifest[];
}

/** In every node that has a resolv.conf for pods, and the argument of k3s that says so. */
export const RESOLV_CONF = '/etc/ssh-lab-factory/resolv.conf';
export const RESOLV_CONF_ARG = `--kubelet-arg=resolv-conf=${RESOLV_CONF}`;

/**
 * k3d's config file (k3d.io/v1alpha5, pkg/config/v1alpha5/types.go) of a workspace's cluster: the lab's servers and
 * agents in a network of their own, nothing published but the API on a loopback address, no kubeconfig written anywhere. No
 * load balancer either: k3d publishes the first server's API then, which everybody is given. Agents join that one, too.
 * No rollback: the log of a node that failed would go with it.
 */
export function simpleConfig(input: SimpleConfigInput): object {
  const { definition, network } = input;
  const everyNode = definition.agents > 0 ? ['server:*', 'agent:*'] : ['server:*'];
  return {
    apiVersion: 'k3d.io/v1alpha5',
    kind: 'Simple',
    metadata: { name: input.name },
    servers: definition.servers,
    agents: definition.agents,
    image: input.image,
    subnet: network.cidr,
    kubeAPI: { hostIP: network.loopback, hostPort: String(LOOPBACK_API_PORT) },
    env: definition.env,
    // Copied, not mounted: a node must start without this host's data folder, too.
    files: [
      ...(input.resolvConf === undefined ? [] : [resolvConfFile(input.resolvConf, everyNode)]),
      ...input.manifests.map(manifestFile),
    ],
    options: {
      k3d: {
        wait: true,
        timeout: `${Math.ceil(definition.startTimeout / 1000)}s`,
        disableLoadbalancer: true,
        disableRollback: true,
      },
      k3s: {
        extraArgs: [...ownArgs(input, everyNode), ...definition.options.k3s.extraArgs],
        nodeLabels: definition.options.k3s.nodeLabels,
      },
      kubeconfig: { updateDefaultKubeconfig: false, switchCurrentContext: false },
      runtime: {
        labels: [
          ...runtimeLabels(input.labels, everyNode),
          ...runtimeLabels(input.firstServerLabels, ['server:0']),
        ],
      },
    },
  };
}

function runtimeLabels(
  labels: Readonly<Record<string, string>>,
  nodeFilters: readonly string[],
): readonly object[] {
  return Object.entries(labels).map(([name, value]) => ({ label: `${name}=${value}`, nodeFilters }));
}

function resolvConfFile(source: string, nodeFilters: readonly string[]): object {
  return { source, destination: RESOLV_CONF, description: 'name servers for pods', nodeFilters };
}

function manifestFile({ path, text }: Manifest): object {
  return { source: text, destination: path, description: 'for Kubernetes', nodeFilters: ['server:*'] };
}

/**
 * Seconds that a pod stays on a node that is NotReady: ten years, where Kubernetes has five minutes. A node is NotReady for
 * some seconds after a resume. Paused again in those, the five minutes are over at the next resume, and a pod that nobody
 * makes again was deleted before its node could say a word (tried). A lab may set it otherwise: its arguments come later.
 */
const NO_EVICTION = 10 * 365 * 86_400;

function ownArgs(input: SimpleConfigInput, everyNode: readonly string[]): object[] {
  const pids = Math.max(64, Math.floor(input.definition.limits.pids / 2));
  return [
    ...input.tlsNames.map((name) => ({ arg: `--tls-san=${name}`, nodeFilters: ['server:*'] })),
    // A fork bomb in one pod leaves the other half to the node, so its own cluster stays up as well.
    { arg: `--kubelet-arg=pod-max-pids=${pids}`, nodeFilters: everyNode },
    ...['not-ready', 'unreachable'].map((taint) => ({
      arg: `--kube-apiserver-arg=default-${taint}-toleration-seconds=${NO_EVICTION}`,
      nodeFilters: ['server:*'],
    })),
    ...(input.resolvConf === undefined ? [] : [{ arg: RESOLV_CONF_ARG, nodeFilters: everyNode }]),
  ];
}
