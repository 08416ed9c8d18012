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
const METADATA = '169.254.169.254';
const ELSEWHERE = '198.51.100.2';

/** A host as the engine leaves it: a lab on a bridge of the pool, a cloud beyond, and Docker's chain for the operator. */
const SET_UP = `
  mount -t tmpfs none /run
  ip netns add lab
  ip netns add cloud
  ip link add br-lab type bridge
  ip addr add ${GATEWAY}/28 dev br-lab
  ip link add lab0 type veth peer name eth0 netns lab
  ip link set lab0 master br-lab
  ip link add cloud0 type veth peer name eth0 netns cloud
  ip addr add 198.51.100.1/24 dev cloud0
  for link in br-lab lab0 cloud0; do ip link set "$link" up; done
  ip -n lab addr add ${LAB_ADDRESS}/28 dev eth0
  ip -n cloud addr add ${ELSEWHERE}/24 dev eth0
  ip -n cloud addr add ${METADATA}/32 dev eth0
  for place in lab cloud; do ip -n "$place" link set eth0 up; done
  ip -n lab route add default via ${GATEWAY}
  ip -n cloud route add default via 198.51.100.1
  ip route add ${METADATA} dev cloud0
  echo 1 >/proc/sys/net/ipv4/ip_forward
  iptables -N DOCKER-USER
  iptables -A DOCKER-USER -j RETURN
  iptables -I FORWARD -j DOCKER-USER
`;

/** Where there is a server: in which of the networks (the host's own: undefined), and on which ports. */
const SERVERS = [
  { network: undefined, ports: [2222, 8000, 8443, 6443, 8080] },
  { network: 'lab', ports: [80] },
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
  const closed = [`${GATEWAY}:8080`, '198.51.100.1:8080', `${METADATA}:80`];
  const elsewhere = `${ELSEWHERE}:80`;

  test('NOT PREVENTED without them: ports of the host, and the metadata address of a cloud', async () => {
    await eventually(async () => (await reached(...doors, ...closed, elsewhere)).length === 8, {
      what: 'all is reached',
    });
  });

  test("with them a lab reaches the factory's doors and the world, and neither of those", async () => {
    const page = await readFile(join(PROJECT, 'docs/security.md'), 'utf8');
    const [, lines = ''] = section(page, 'Firewall').match(/```sh\n(.*?)```/s) ?? [];
    expect(lines).toContain('iptables');
    expect(await succeeds(lines)).toBe(true);
    const open = [...doors, elsewhere];
    await eventually(async () => (await reached(...open)).length === open.length, {
      what: 'the doors and the world are reached',
    });
    expect(await reached(...closed)).toEqual([]);
    await eventually(() => hostToLab(), { what: 'Traefik comes to a node' });
  });
});
