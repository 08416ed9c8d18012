import { docker } from '../harness/docker.ts';
import { eventually } from '../harness/eventually.ts';
import type { Factory } from '../harness/factory.ts';
import { kubectl } from '../harness/kubectl.ts';
import type { Student } from '../harness/student.ts';
import { Workspace } from '../harness/workspace.ts';

/** What one student has, as the engine tells it. */
export interface Party {
  /** A word on the command line of the servers in their container and node. */
  readonly marker: string;
  /** Docker's names. */
  readonly containerName: string;
  readonly nodeName: string;
  /** IPv4 addresses: the container's on its own network and on the cluster's, and the node's. */
  readonly onLabNetwork: string;
  readonly onClusterNetwork: string;
  readonly node: string;
  /** IPv4 addresses of the host on those two networks. */
  readonly labGateway: string;
  readonly clusterGateway: string;
  /** Of TCP, on other addresses of the node than its loopback. */
  readonly openPorts: readonly number[];
  /** Of services of the kind NodePort and LoadBalancer. */
  readonly nodePorts: readonly number[];
  /** `host:port` on this host that leads to the node. */
  readonly published: readonly string[];
}

/** On it a server answers TCP and UDP in each container of a party. */
export const SERVER_PORT = 8_099;

/**
 * Where etcd has its clients and its peers. On a node's address k3s with several servers has it, and k3s with one does not: so in a
 * node there is a server for it.
 */
export const ETCD_PORTS = { clients: 2_379, peers: 2_380 } as const;

/** One server for each `address:port`, which then is the one that answers come from. */
const SERVER = `
  my ($marker, @addresses) = @ARGV;
  for my $address (@addresses) {
    my @at = (LocalAddr => $address);
    unless (fork) { my $tcp = IO::Socket::INET->new(Listen => 9, @at) or die; while (1) { $tcp->accept } }
    unless (fork) {
      my $udp = IO::Socket::INET->new(Proto => "udp", @at) or die;
      while (1) { $udp->send($_) if defined $udp->recv($_, 99) }
    }
  }
  wait;
`;

/** Looks at what the student has, and puts a server into their container and node. */
export async function meet(factory: Factory, student: Student): Promise<Party> {
  const workspace = new Workspace(factory, student.name);
  const [container, node] = [await workspace.labContainer(), await workspace.node()];
  const marker = `server-of-${student.name}`;
  const networks = Object.entries(container.NetworkSettings.Networks);
  const [[, lab] = [], [, cluster] = []] = ['a-lab.', 'k3d-'].map(
    (prefix) => networks.find(([name]) => name.startsWith(prefix)) ?? [],
  );
  if (lab === undefined || cluster === undefined) throw new Error(`${student.name} lacks a network`);
  const nodeAddress = await workspace.nodeAddress();
  const ports = [SERVER_PORT, ...Object.values(ETCD_PORTS)];
  await startServer(
    container.Id,
    marker,
    [lab.IPAddress, cluster.IPAddress].map((address) => `${address}:${SERVER_PORT}`),
  );
  await startServer(
    node.Id,
    marker,
    ports.map((port) => `${nodeAddress}:${port}`),
  );
  const bindings = Object.values(node.NetworkSettings.Ports).flatMap((ports) => ports ?? []);
  return {
    marker,
    containerName: container.Name.slice(1),
    nodeName: node.Name.slice(1),
    onLabNetwork: lab.IPAddress,
    onClusterNetwork: cluster.IPAddress,
    node: nodeAddress,
    labGateway: lab.Gateway,
    clusterGateway: Object.values(node.NetworkSettings.Networks)[0]?.Gateway ?? '',
    openPorts: await eventually(
      async () => {
        const open = openPorts(await workspace.inNode('ss', '-ltnH'));
        return ports.every((port) => open.includes(port)) && open;
      },
      { what: `the servers in the node of ${student.name} listen` },
    ),
    nodePorts: await nodePorts(student),
    published: bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`),
  };
}

async function startServer(container: string, marker: string, addresses: readonly string[]): Promise<void> {
  const program = ['perl', '-MIO::Socket::INET', '-e', SERVER, marker, ...addresses];
  await docker(['exec', '--detach', container, ...program]);
}

async function nodePorts(student: Student): Promise<readonly number[]> {
  const path = '{.items[*].spec.ports[*].nodePort}';
  const printed = await kubectl(student, `get services --all-namespaces -o jsonpath='${path}'`);
  return printed
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

function openPorts(listing: string): readonly number[] {
  const all = listenersIn(listing).filter(
    ({ address }) => !address.startsWith('127.') && address !== '[::1]',
  );
  return [...new Set(all.map(({ port }) => port))];
}

/** Of the lines of `ss -ltnH`. */
export function listenersIn(listing: string): readonly { readonly address: string; readonly port: number }[] {
  return listing
    .split('\n')
    .filter((line) => line.startsWith('LISTEN'))
    .map((line) => {
      const [, , , local = ''] = line.split(/\s+/);
      const colon = local.lastIndexOf(':');
      return { address: local.slice(0, colon).replace(/%.*$/, ''), port: Number(local.slice(colon + 1)) };
    });
}
