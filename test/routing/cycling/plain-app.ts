import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { workspaceLabels } from '../../../src/docker-engine/workspace-labels.ts';
import { dockerNames } from '../../../src/names/docker-names.ts';
import type { InstanceId } from '../../../src/names/instance-id.ts';
import type { WorkspaceKey } from '../../../src/names/workspace-key.ts';
import type { SubnetPool } from '../../../src/subnets/subnet-pool.ts';
import { eventually } from '../../e2e/harness/eventually.ts';
import { WHOAMI_IMAGE } from '../../e2e/harness/set-up.ts';

const docker = new Docker();

export interface PlainAppOptions {
  readonly instance: InstanceId;
  readonly subnets: SubnetPool;
  readonly key: WorkspaceKey;
}

/**
 * A container that says its nonce by plain HTTP on port 80, alone in a network, as a cluster's node is: in the lowest range that is
 * free, at the first address. So whoever comes next gets the address of who went last.
 */
export class PlainApp {
  /** Another one each time it is made. */
  readonly nonce: string;
  readonly address: string;
  readonly #container: Docker.Container;
  readonly #network: Docker.Network;

  private constructor(
    parts: Pick<PlainApp, 'nonce' | 'address'>,
    container: Docker.Container,
    network: Docker.Network,
  ) {
    this.nonce = parts.nonce;
    this.address = parts.address;
    this.#container = container;
    this.#network = network;
  }

  /** Resolves when it answers. */
  static async start({ instance, subnets, key }: PlainAppOptions, signal: AbortSignal): Promise<PlainApp> {
    using subnet = await subnets.reserve(signal);
    const [address, nonce] = [subnet.host(2), randomBytes(8).toString('hex')];
    const [name, Labels] = [
      dockerNames(instance, key).clusterNetwork,
      workspaceLabels(instance, key, 'node'),
    ];
    const IPAM = { Driver: 'default', Config: [{ Subnet: subnet.cidr }] };
    const network = await docker.createNetwork({ Name: name, Labels, IPAM });
    const container = await docker.createContainer({
      Image: WHOAMI_IMAGE,
      Env: [`WHOAMI_NAME=${nonce}`],
      Labels,
      HostConfig: { NetworkMode: name },
      NetworkingConfig: { EndpointsConfig: { [name]: { IPAMConfig: { IPv4Address: address } } } },
    });
    const app = new PlainApp({ nonce, address }, container, network);
    await app.startAgain();
    return app;
  }

  async pause(): Promise<void> {
    await this.#container.pause();
  }

  async unpause(): Promise<void> {
    await this.#container.unpause();
  }

  async stop(): Promise<void> {
    await this.#container.stop({ t: 0 });
  }

  /** Resolves when it answers. */
  async startAgain(): Promise<void> {
    await this.#container.start();
    await eventually(async () => (await fetch(`http://${this.address}/`)).ok, {
      what: `${this.address} answers`,
      within: 60_000,
      every: 10,
    });
  }

  /** Its network is taken away while it runs: nobody whom it is connected to is told. */
  async unplug(): Promise<void> {
    await this.#network.disconnect({ Container: this.#container.id, Force: true });
  }

  /** Whatever its state, and its network. */
  async remove(): Promise<void> {
    await this.#container.remove({ force: true });
    await this.#network.remove();
  }
}
