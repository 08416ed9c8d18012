import ipaddr from 'ipaddr.js';
import { docker } from './docker.ts';
import { eventually } from './eventually.ts';
import { LiveProgram } from './live-program.ts';
import { LAB_IMAGE } from './set-up.ts';
import type { Student } from './student.ts';
import { RUN_LABEL } from './sweeper.ts';

export type Direction = 'to the factory' | 'from the factory';

/** Policy routing of the client's own network alone: where packets of that direction seem to come from. */
const COMES_FROM: Readonly<Record<Direction, string>> = {
  'to the factory': 'lo',
  'from the factory': 'eth0',
};

/**
 * A computer of the student's own whose cable can be cut: a container on Docker's default bridge, which has a network
 * namespace of its own. The factory has to listen on that bridge's gateway (`bridgeAddress`).
 */
export class ClientMachine implements AsyncDisposable {
  readonly #id: string;
  /** On Docker's default bridge; this host reaches it there. */
  readonly address: string;

  private constructor(id: string, address: string) {
    this.#id = id;
    this.address = address;
  }

  /** `run`: name of the run's folder, whose sweeper finds it. */
  static async boot({ home }: Student, run: string): Promise<ClientMachine> {
    const labels = ['--label', `${RUN_LABEL}=${run}`];
    const rights = ['--cap-add', 'NET_ADMIN', '--volume', `${home}:${home}`];
    const command = ['--entrypoint', 'sleep', LAB_IMAGE, 'infinity'];
    const ran = await docker(['run', '--detach', '--rm', '--init', ...labels, ...rights, ...command]);
    const id = ran.trim();
    const format = '{{.NetworkSettings.Networks.bridge.IPAddress}}';
    const machine = new ClientMachine(id, (await docker(['inspect', '--format', format, id])).trim());
    // The rule for what is the machine's own comes first from the start; a cut has to come before it.
    await machine.#ip('rule', 'add', 'pref', '100', 'lookup', 'local');
    await machine.#ip('rule', 'del', 'pref', '0');
    return machine;
  }

  ssh(args: readonly string[]): LiveProgram {
    return new LiveProgram(...this.sshCommand(args));
  }

  /** What runs `ssh` there, from here. */
  sshCommand(args: readonly string[]): readonly [string, readonly string[]] {
    return ['docker', ['exec', '--interactive', this.#id, 'ssh', ...args]];
  }

  /** From now on packets of these directions vanish; no end of the connection is told. */
  async cut(...directions: readonly Direction[]): Promise<void> {
    for (const direction of directions)
      await this.#ip('rule', 'add', 'pref', '10', 'iif', COMES_FROM[direction], 'blackhole');
    await eventually(async () => (await this.#answers()) === false, {
      what: 'the cable is cut',
    });
  }

  /** From now on packets to and from that TCP port of others vanish, both ways, and all others pass. */
  async cutPort(port: number): Promise<void> {
    await this.#sh(portRules('add', port));
  }

  /** They pass again. */
  async mendPort(port: number): Promise<void> {
    await this.#sh(portRules('del', port));
  }

  /** They vanish for so long, however busy the engine is, and pass again; ms. */
  async cutPortFor(port: number, duration: number): Promise<void> {
    await this.#sh([...portRules('add', port), `sleep ${duration / 1000}`, ...portRules('del', port)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker(['rm', '--force', this.#id]);
  }

  /** Whether the gateway of its network answers; any one-way cut is enough for silence. */
  async #answers(): Promise<boolean> {
    const gateway = await bridgeAddress();
    const ping = `ping -c 1 -W 1 ${gateway} >/dev/null 2>&1 && echo yes || echo no`;
    return (await docker(['exec', this.#id, 'sh', '-c', ping])).trim() === 'yes';
  }

  async #sh(commands: readonly string[]): Promise<void> {
    await docker(['exec', this.#id, 'sh', '-c', commands.join(' && ')]);
  }

  async #ip(...args: readonly string[]): Promise<void> {
    await docker(['exec', this.#id, 'ip', ...args]);
  }
}

/** Of IP; `ip` knows no names of protocols where there is no /etc/protocols. */
const TCP = 6;

function portRules(change: 'add' | 'del', port: number): readonly string[] {
  const rule = (direction: Direction, end: 'dport' | 'sport') =>
    `ip rule ${change} pref 10 iif ${COMES_FROM[direction]} ipproto ${TCP} ${end} ${port} blackhole`;
  return [rule('to the factory', 'dport'), rule('from the factory', 'sport')];
}

/** The host's address on Docker's default bridge. */
export async function bridgeAddress(): Promise<string> {
  const format = '{{with index .IPAM.Config 0}}{{.Gateway}} {{.Subnet}}{{end}}';
  const found = await docker(['network', 'inspect', 'bridge', '--format', format]);
  const [, gateway, subnet = ''] = /^(\S*) (\S+)/.exec(found) ?? [];
  if (gateway) return gateway;
  // An engine says it from its second start on. Until then it has taken the first address.
  const [network] = ipaddr.IPv4.parseCIDR(subnet);
  const octets = network.toByteArray();
  return octets.with(-1, 1).join('.');
}
