import { type Attempt, BETWEEN_BRIDGES, REFUSED } from '../attempt.ts';
import { ETCD_PORTS, type Party, SERVER_PORT } from '../party.ts';
import { LAB, ORDINARY_POD, type Place, PRIVILEGED_POD, STUDENTS_PLACES } from '../place.ts';
import type { Scene } from '../scene.ts';
import { findOnBridge, ping, resolve, tcp, udp } from '../words.ts';

/** Of the neighbour's, from each place, and the same of one's own. */
interface Theirs {
  readonly what: string;
  readonly words: (target: string) => string;
  readonly of: (party: Party) => readonly string[];
  /** Absent: the same of one's own. */
  readonly control?: (party: Party, from: Place) => readonly string[];
}

/** Ports that k3s has on a node's address, by what they are; which of them k3s has depends on the cluster's options. */
const SERVICES = {
  'the Kubernetes API': 6443,
  'the kubelet': 10250,
  'the ingress': 80,
  'the ingress by TLS': 443,
  "etcd's door for its clients": ETCD_PORTS.clients,
  "etcd's door for its peers": ETCD_PORTS.peers,
};

const at = (port: number) => (address: string) => `${address}:${port}`;

/** Pods come out at the node, which is on the cluster's network alone. */
function ownContainer({ onLabNetwork, onClusterNetwork }: Party, from: Place): readonly string[] {
  return from === LAB ? [onLabNetwork, onClusterNetwork] : [onClusterNetwork];
}

const containerOf = ({ onLabNetwork, onClusterNetwork }: Party) => [onLabNetwork, onClusterNetwork];

const THEIRS: readonly Theirs[] = [
  {
    what: "a server in the neighbour's container",
    words: tcp,
    of: (party) => containerOf(party).map(at(SERVER_PORT)),
    control: (party, from) => ownContainer(party, from).map(at(SERVER_PORT)),
  },
  {
    what: "a server in the neighbour's container, by UDP",
    words: udp,
    of: (party) => containerOf(party).map(at(SERVER_PORT)),
    control: (party, from) => ownContainer(party, from).map(at(SERVER_PORT)),
  },
  { what: "a ping of the neighbour's container", words: ping, of: containerOf, control: ownContainer },
  { what: "a ping of the neighbour's node", words: ping, of: ({ node }) => [node] },
  // As flannel's VXLAN would come.
  { what: "the neighbour's node, by UDP", words: udp, of: ({ node }) => [at(SERVER_PORT)(node)] },
  {
    what: "all TCP ports that listen in the neighbour's node",
    words: tcp,
    of: ({ node, openPorts }) => openPorts.map((port) => at(port)(node)),
  },
  {
    what: "the node ports of the neighbour's services",
    words: tcp,
    of: ({ node, nodePorts }) => nodePorts.map((port) => at(port)(node)),
  },
  ...Object.entries(SERVICES).map(([service, port]) => ({
    what: `${service} of the neighbour's cluster`,
    words: tcp,
    of: ({ node }: Party) => [at(port)(node)],
  })),
  {
    what: "the neighbour's containers by their Docker names",
    words: resolve,
    of: ({ containerName, nodeName }) => [containerName, nodeName],
    control: ({ nodeName }) => [nodeName],
  },
];

const TRIED: readonly Attempt[] = THEIRS.flatMap(({ what, words, of, control = of }) =>
  STUDENTS_PLACES.map((from) => ({
    what,
    words,
    control: { from, targets: ({ hers }: Scene) => control(hers, from) },
    at: { from, targets: ({ his }: Scene) => of(his) },
    expected: BETWEEN_BRIDGES,
  })),
);

/** Who is where on the bridges that a place is on, and at which of their addresses nobody should be. */
const ON_BRIDGES: Readonly<Record<typeof LAB | typeof PRIVILEGED_POD, (hers: Party) => readonly string[]>> = {
  [LAB]: ({ labGateway, clusterGateway, node }) => [labGateway, clusterGateway, node],
  [PRIVILEGED_POD]: ({ clusterGateway, onClusterNetwork }) => [clusterGateway, onClusterNetwork],
};

const BRIDGES: readonly Attempt[] = ([LAB, PRIVILEGED_POD] as const).map((from) => ({
  what: "anybody else on one's own bridges, by ARP",
  words: findOnBridge,
  control: { from, targets: ({ hers }) => ON_BRIDGES[from](hers) },
  at: {
    from,
    targets: ({ hers }) => {
      const own = [hers.onLabNetwork, hers.onClusterNetwork, hers.node];
      const networks = from === LAB ? [hers.onLabNetwork, hers.node] : [hers.node];
      const known = [...own, ...ON_BRIDGES[from](hers)];
      return networks.flatMap(addressesBeside).filter((address) => !known.includes(address));
    },
  },
  expected: REFUSED,
}));

/** That of the cluster itself, which has no password there: who is in the node's network reaches it, and nobody else. */
const OWN_ETCD: readonly Attempt[] = ([LAB, ORDINARY_POD] as const).map((from) => ({
  what: "the node's own etcd, by the place's own loopback",
  words: tcp,
  control: { from: PRIVILEGED_POD, targets: () => [at(ETCD_PORTS.peers)('127.0.0.1')] },
  at: { from, targets: () => Object.values(ETCD_PORTS).map((port) => at(port)('127.0.0.1')) },
  expected: REFUSED,
}));

export const NEIGHBOUR: readonly Attempt[] = [...TRIED, ...OWN_ETCD, ...BRIDGES];

/** All addresses of the /28 that a workspace's network is. */
function addressesBeside(address: string): readonly string[] {
  const [a, b, c, d = 0] = address.split('.').map(Number);
  const first = d - (d % 16);
  return Array.from({ length: 14 }, (_, index) => [a, b, c, first + 1 + index].join('.'));
}
