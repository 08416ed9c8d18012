import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controlGroupOf } from '../harness/control-group.ts';
import { eventually } from '../harness/eventually.ts';
import { OWN_ENGINE_POSSIBLE } from '../harness/own-engine.ts';
import { OwnHost } from '../harness/own-host.ts';
import { section } from '../harness/sections.ts';
import { PROJECT } from '../harness/set-up.ts';
import { tcp } from './words.ts';

const LAB_ADDRESS = '10.209.0.2';
const GATEWAY = '10.209.0.1';
/** On the lab's own bridge, as its node is. */
const NODE_ADDRESS = '10.209.0.3';
/** On a bridge of its own. */
const NEIGHBOUR_ADDRESS = '10.209.0.18';
const METADATA = '169.254.169.254';
const ELSEWHERE = '198.51.100.2';

/**
 * A host as the engine leaves it for moments: labs on bridges of the pool, a cloud beyond, and Docker's chain for the operator. What
 * keeps bridges apart otherwise is not there.
 */
const SET_UP = `
  mount -t tmpfs none /run
  ip netns add lab
  ip netns add node
  ip netns add neighbour
  ip netns add cloud
  ip link add br-lab type bridge
  ip addr add ${GATEWAY}/28 dev br-lab
  ip link add lab0 type veth peer name eth0 netns lab
  ip link set lab0 master br-lab
  ip link add node0 type veth peer name eth0 netns node
  ip link set node0 master br-lab
  ip link add br-other type bridge
  ip addr add 10.209.0.17/28 dev br-other
  ip link add other0 type veth peer name eth0 netns neighbour
  ip link set other0 master br-other
  ip link add cloud0 type veth peer name eth0 netns cloud
  ip addr add 198.51.100.1/24 dev cloud0
  for link in br-lab br-other lab0 node0 other0 cloud0; do ip link set "$link" up; done
  ip -n lab addr add ${LAB_ADDRESS}/28 dev eth0
  ip -n node addr add ${NODE_ADDRESS}/28 dev eth0
  ip -n neighbour addr add ${NEIGHBOUR_ADDRESS}/28 dev eth0
  ip -n cloud addr add ${ELSEWHERE}/24 dev eth0
  ip -n cloud addr add ${METADATA}/32 dev eth0
  for place in lab node neighbour cloud; do ip -n "$place" link set eth0 up; done
  for place in lab node; do ip -n "$place" route add default via ${GATEWAY}; done
  ip -n neighbour route add default via 10.209.0.17
  ip -n cloud route add default via 198.51.100.1
  ip route add ${METADATA} dev cloud0
  echo 1 >/proc/sys/net/ipv4/ip_forward
  # As Docker has it, so that what goes from a bridge to itself comes by these rules, too.
  echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
  iptables -N DOCKER-USER
  iptables -A DOCKER-USER -j RETURN
  iptables -I FORWARD -j DOCKER-USER
`;

/** Where there is a server: in which of the networks (the host's own: undefined), and on which ports. */
const SERVERS = [
  { network: undefined, ports: [2222, 8000, 8443, 6443, 8080] },
  { network: 'lab', ports: [80] },
  { network: 'node', ports: [80] },
  { network: 'neighbour', ports: [80] },
  { network: 'cloud', ports: [80] },
] as const;

describe.runIf(OWN_ENGINE_POSSIBLE)('the firewall lines of docs/security.md, on a host of their own', () => {
  const stack = new AsyncDisposableStack();
  let host: OwnHost;

  async function succeeds(script: string, network?: string): Promise<boolean> {
    const enter = network === undefined ? [] : ['ip', 'netns', 'exec', network];
    const [file = '', ...args] = [...enter, 'bash', '--norc', '-e', '-c', script];
    await using program = host.run(file, args);
    return (await program.ended()).code === 0;
  }

  /** Those that a TCP connection from the lab is taken by. */
  async function reached(...targets: readonly string[]): Promise<readonly string[]> {
    const open = await Promise.all(targets.map((target) => succeeds(tcp(target), 'lab')));
    return targets.filter((_, index) => open[index]);
  }

  beforeAll(async () => {
    host = stack.use(await OwnHost.start(controlGroupOf(`walls-${process.pid}`)));
    expect(await succeeds(SET_UP)).toBe(true);
    for (const { network, ports } of SERVERS) {
      const listen = `for (const port of [${ports}]) require('net').createServer((s) => s.end()).listen(port, '0.0.0.0')`;
      const enter = network === undefined ? [] : ['ip', 'netns', 'exec', network];
      const [file = '', ...args] = [...enter, process.execPath, '-e', listen];
      // It ends with its host.
      host.run(file, args);
    }
    await eventually(() => hostToLab(), { what: 'the servers listen' });
  });
  afterAll(() => stack.disposeAsync());

  const hostToLab = () => succeeds(tcp(`${LAB_ADDRESS}:80`));
  const doors = [2222, 8000, 8443, 6443].map((port) => `${GATEWAY}:${port}`);
  const closed = [`${GATEWAY}:8080`, '198.51.100.1:8080', `${METADATA}:80`, `${NEIGHBOUR_ADDRESS}:80`];
  const open = [...doors, `${ELSEWHERE}:80`, `${NODE_ADDRESS}:80`];

  test('NOT PREVENTED without them: ports of the host, the metadata address of a cloud, and for moments the neighbour', async () => {
    const all = [...open, ...closed];
    await eventually(async () => (await reached(...all)).length === all.length, {
      what: 'all is reached',
    });
  });

  test("with them a lab reaches the factory's doors, its node and the world, and none of those", async () => {
    const page = await readFile(join(PROJECT, 'docs/security.md'), 'utf8');
    const [, lines = ''] = section(page, 'Firewall').match(/```sh\n(.*?)```/s) ?? [];
    expect(lines).toContain('iptables');
    expect(await succeeds(lines)).toBe(true);
    await eventually(async () => (await reached(...open)).length === open.length, {
      what: 'the doors, its node and the world are reached',
    });
    expect(await reached(...closed)).toEqual([]);
    await eventually(() => hostToLab(), { what: 'Traefik comes to a node' });
  });
});
