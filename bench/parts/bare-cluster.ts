import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { docker } from '../../test/e2e/harness/docker.ts';
import { hostKubectl } from '../../test/e2e/harness/host-kubectl.ts';
import type { SetUp } from '../../test/e2e/harness/set-up.ts';
import { manifests } from '../../test/e2e/harness/web-app.ts';
import { type App, appOf } from './app.ts';
import { bareName } from './bare-names.ts';
import { ClusterDoor } from './cluster-door.ts';

/**
 * How k3d is called: `as-ours` without its load balancer and its entrypoint, as the factory does; `plain` without any
 * option.
 */
export type Flavour = 'as-ours' | 'plain';

const OPTIONS: Readonly<Record<Flavour, readonly string[]>> = { 'as-ours': ['--no-lb'], plain: [] };
const ENVIRONMENT: Readonly<Record<Flavour, Readonly<Record<string, string>>>> = {
  'as-ours': { K3D_FIX_DNS: '0', K3D_FIX_MOUNTS: '0', K3D_FIX_CGROUPV2: '0' },
  plain: {},
};

/** Where bare clusters keep their kubeconfigs, and what k3d needs on this machine. */
export interface BareClusterOptions {
  readonly setUp: SetUp;
  readonly folder: string;
}

/** A cluster of one node as k3d makes it, with the same node image as the factory's. Disposing it deletes it. */
export class BareCluster implements AsyncDisposable {
  readonly door: ClusterDoor;
  readonly #name: string;
  readonly #options: BareClusterOptions;
  readonly #flavour: Flavour;
  #app: App | undefined;

  private constructor(name: string, flavour: Flavour, options: BareClusterOptions) {
    this.#name = name;
    this.#flavour = flavour;
    this.#options = options;
    this.door = new ClusterDoor(name);
  }

  /** Resolves when k3d is done with it, which is before it is of use. `what`: a part of its name, where there is another of its flavour. */
  static async create(
    flavour: Flavour,
    options: BareClusterOptions,
    what: string = flavour,
  ): Promise<BareCluster> {
    const cluster = new BareCluster(bareName(what, process.pid), flavour, options);
    const { node } = options.setUp.images;
    const more = ['--image', node, '--timeout', '180s', '--kubeconfig-update-default=false'];
    try {
      await cluster.#k3d('create', ...OPTIONS[flavour], ...more);
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** The door of a cluster that `create` is making. */
  static door(flavour: Flavour): ClusterDoor {
    return new ClusterDoor(bareName(flavour, process.pid));
  }

  /** Deploys the app, by kubectl on this host; resolves when kubectl is done. */
  async apply(): Promise<App> {
    const app = await appOf(this.door);
    const file = join(this.#options.folder, `${this.#name}.yaml`);
    await execa(this.#options.setUp.k3d, ['kubeconfig', 'write', this.#name, '--output', file], {
      timeout: 30_000,
    });
    const objects = join(this.#options.folder, `${this.#name}-app.yaml`);
    await writeFile(objects, manifests(app.definition));
    await hostKubectl(file, 'apply', '-f', objects);
    this.#app = app;
    return app;
  }

  /** What `apply` deployed. */
  get app(): App {
    if (this.#app === undefined) throw new Error(`${this.#name} has no app`);
    return this.#app;
  }

  async pause(): Promise<void> {
    await docker(['pause', this.#node]);
  }

  async unpause(): Promise<void> {
    await docker(['unpause', this.#node]);
  }

  async inspect(): Promise<void> {
    await docker(['inspect', this.#node]);
  }

  /** Its memory and CPU; the engine watches for a second or two, to compare. */
  async stats(): Promise<void> {
    await docker(['stats', '--no-stream', this.#node]);
  }

  async stop(): Promise<void> {
    await this.#k3d('stop');
  }

  /** Resolves when k3d is done, which is before it is of use. */
  async start(): Promise<void> {
    await this.#k3d('start');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#k3d('delete');
  }

  get #node(): string {
    return `k3d-${this.#name}-server-0`;
  }

  async #k3d(verb: 'create' | 'start' | 'stop' | 'delete', ...args: string[]): Promise<void> {
    const { tools, loadbalancer } = this.#options.setUp.k3dImages ?? {};
    const env = {
      ...ENVIRONMENT[this.#flavour],
      ...(tools === undefined ? {} : { K3D_IMAGE_TOOLS: tools }),
      ...(loadbalancer === undefined ? {} : { K3D_IMAGE_LOADBALANCER: loadbalancer }),
    };
    await execa(this.#options.setUp.k3d, ['cluster', verb, this.#name, ...args], { timeout: 240_000, env });
  }
}
