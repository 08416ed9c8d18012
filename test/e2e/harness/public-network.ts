import { Resolver } from 'node:dns/promises';
import { execa } from 'execa';
import { controlGroupOf } from './control-group.ts';
import { eventually, PATIENCE } from './eventually.ts';
import { LiveProgram } from './live-program.ts';
import { OWN_ENGINE_POSSIBLE } from './own-engine.ts';
import { OwnHost } from './own-host.ts';
import { testProgram } from './set-up.ts';

/** Its host takes what that of an engine takes. */
export const PUBLIC_NETWORK_POSSIBLE = OWN_ENGINE_POSSIBLE;

/** The ports of the web, on which an authority tries a name (RFC 8555 §8.3, RFC 8737 §3). */
const WEB = { http: 80, https: 443 } as const;

type Door = keyof typeof WEB;

/** TEST-NET-3 (RFC 5737) in nets of two hosts: one for each network that is there at a time. */
const NETS = 64;

/**
 * The internet, with one host on it. That host sees of this machine the one address that a factory's edge listens on, `edge`, at
 * the ports of the web; pods and labs reach it as they reach all that is beyond Docker's bridges. It is a network namespace with a
 * pair of links to this machine, whose own rules are not touched, and it ends with the process that made it. Needs root.
 */
export class PublicNetwork implements AsyncDisposable {
  /** This machine's address on it. */
  readonly edge: string;
  /** The address of the host on it. */
  readonly host: string;
  readonly #link: string;
  readonly #own: OwnHost;
  #names: LiveProgram | undefined;

  private constructor(net: number, own: OwnHost) {
    this.edge = `203.0.113.${net * 4 + 1}`;
    this.host = `203.0.113.${net * 4 + 2}`;
    this.#link = linkOf(net);
    this.#own = own;
  }

  static async start(): Promise<PublicNetwork> {
    const own = await OwnHost.start(controlGroupOf(`internet-${process.pid}`));
    try {
      const network = new PublicNetwork(await takeNet(own.network), own);
      await network.#connect();
      return network;
    } catch (error) {
      await own[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** For `nsenter --net`. */
  get namespace(): string {
    return this.#own.network;
  }

  /** `routes` of a factory whose edge listens on it; `leadTo` then tells which ports those are. */
  get routes() {
    return { http: `${this.edge}:0`, https: `${this.edge}:0`, kube: '127.0.0.1:0' };
  }

  /** Where its DNS server answers: every name has the address of the edge. */
  get dns(): string {
    return `${this.host}:53`;
  }

  /** A program on its host; it does not outlive the test either. */
  run(file: string, args: readonly string[]): LiveProgram {
    const there = ['--pdeathsig', 'KILL', 'nsenter', `--net=${this.namespace}`, '--'];
    return new LiveProgram('setpriv', [...there, file, ...args]);
  }

  /** What comes to the ports of the web goes to these, as an operator without the low ports would set it up. */
  async leadTo(ports: Readonly<Record<Door, { readonly port: number }>>): Promise<void> {
    for (const door of ['http', 'https'] as const)
      await this.#do('iptables', ...['-w', '-t', 'nat', '-A', 'OUTPUT', ...this.#toEdge(door, ports[door])]);
  }

  /** How many connections have been made to a port of the web since `leadTo`. */
  async connections(door: Door): Promise<number> {
    const listing = await this.#do('iptables', '-w', '-t', 'nat', '-nvxL', 'OUTPUT');
    // Only the first packet of a connection comes through a table of translations.
    return Number(new RegExp(`^\\s*(\\d+) .* dpt:${WEB[door]} `, 'm').exec(listing)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#names?.[Symbol.asyncDispose]();
    await this.#own[Symbol.asyncDispose]();
    // The kernel takes the link away with its other end, in its own time.
    const gone = async () => !(await linkExists(this.#link));
    await eventually(gone, { what: `the link ${this.#link} is gone`, every: 50 });
  }

  async #connect(): Promise<void> {
    await ip('addr', 'add', `${this.edge}/30`, 'dev', this.#link);
    await ip('link', 'set', this.#link, 'up');
    await this.#do('ip', 'addr', 'add', `${this.host}/30`, 'dev', 'eth0');
    await this.#do('ip', 'link', 'set', 'eth0', 'up');
    await this.#do('ip', 'route', 'add', 'default', 'via', this.edge);
    const off = ['http01', 'https01', 'tlsalpn01', 'doh', 'defaultIPv6'].flatMap((name) => [`-${name}`, '']);
    this.#names = this.run(await testProgram('pebble-challtestsrv'), [
      ...off,
      ...['-dnsserver', this.dns, '-defaultIPv4', this.edge, '-management', '127.0.0.1:8055'],
    ]);
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([this.dns]);
    await eventually(async () => (await resolver.resolve4('anybody.test')).includes(this.edge), {
      what: 'the DNS server of the public network answers',
      every: 50,
    });
  }

  #toEdge(door: Door, { port }: { readonly port: number }): readonly string[] {
    const to = ['-j', 'DNAT', '--to-destination', `${this.edge}:${port}`];
    return ['-p', 'tcp', '-d', this.edge, '--dport', String(WEB[door]), ...to];
  }

  async #do(file: string, ...args: readonly string[]): Promise<string> {
    await using program = this.run(file, args);
    const { code } = await program.ended();
    if (code !== 0) throw new Error(`${file} ${args.join(' ')}: exit ${code}\n${program.output}`);
    return program.output;
  }
}

function linkOf(net: number): string {
  return `e2e-internet${net}`;
}

/** Makes the pair of links of a net that nobody has: its name is what others see that it is taken by. */
async function takeNet(namespace: string): Promise<number> {
  for (let net = 0; net < NETS; net++) {
    const pair = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace];
    const made = await ip('link', 'add', linkOf(net), ...pair).catch((error: unknown) => error);
    if (typeof made === 'string') return net;
    if (!(await linkExists(linkOf(net)))) throw new Error('no public network', { cause: made });
  }
  throw new Error('all public networks are taken');
}

async function linkExists(link: string): Promise<boolean> {
  const { exitCode } = await execa('ip', ['link', 'show', link], { timeout: PATIENCE, reject: false });
  return exitCode === 0;
}

async function ip(...args: readonly string[]): Promise<string> {
  return (await execa('ip', args, { timeout: PATIENCE })).stdout;
}
