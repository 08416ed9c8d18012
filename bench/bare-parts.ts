import { join } from 'node:path';
import { execa } from 'execa';
import { docker } from '../test/e2e/harness/docker.ts';
import { eventually } from '../test/e2e/harness/eventually.ts';
import { hostKubectl } from '../test/e2e/harness/host-kubectl.ts';
import { LAB_IMAGE, type SetUp } from '../test/e2e/harness/set-up.ts';

/** A container of the lab's image as `docker run` makes it. Disposing it removes it. */
export class BareContainer implements AsyncDisposable {
  readonly #id: string;

  private constructor(id: string) {
    this.#id = id;
  }

  static async run(): Promise<BareContainer> {
    const id = await docker(['run', '--detach', '--init', LAB_IMAGE, 'sleep', 'infinity']);
    return new BareContainer(id.trim());
  }

  exec(command: string): Promise<string> {
    return docker(['exec', this.#id, command]);
  }

  async pause(): Promise<void> {
    await docker(['pause', this.#id]);
  }

  async unpauseAndExec(command: string): Promise<void> {
    await docker(['unpause', this.#id]);
    await this.exec(command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker(['rm', '--force', '--volumes', this.#id]);
  }
}

/** A cluster of one node as k3d makes it, with the same node image as the factory's. Disposing it deletes it. */
export class BareCluster implements AsyncDisposable {
  readonly #name: string;
  readonly #k3d: string;
  readonly #kubeconfig: string;
  readonly #env: Record<string, string>;

  private constructor(name: string, setUp: SetUp, folder: string) {
    this.#name = name;
    this.#k3d = setUp.k3d;
    this.#kubeconfig = join(folder, `${name}.yaml`);
    const { tools, loadbalancer } = setUp.k3dImages ?? {};
    this.#env = {
      K3D_FIX_DNS: '0',
      K3D_FIX_MOUNTS: '0',
      ...(tools === undefined ? {} : { K3D_IMAGE_TOOLS: tools }),
      ...(loadbalancer === undefined ? {} : { K3D_IMAGE_LOADBALANCER: loadbalancer }),
    };
  }

  static async create(setUp: SetUp, folder: string): Promise<BareCluster> {
    const cluster = new BareCluster(`bench-${process.pid}`, setUp, folder);
    await cluster.#run(
      'create',
      '--image',
      setUp.images.node,
      '--no-lb',
      '--timeout',
      '180s',
      '--kubeconfig-update-default=false',
    );
    await execa(setUp.k3d, ['kubeconfig', 'write', cluster.#name, '--output', cluster.#kubeconfig], {
      timeout: 30_000,
    });
    return cluster;
  }

  /** The API, and then the ingress on the node's port 80. */
  async untilIngressAnswers(): Promise<void> {
    await this.#untilApiAnswers();
    const address = await docker([
      'inspect',
      '--format',
      '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
      this.#node,
    ]);
    await eventually(
      async () =>
        (await fetch(`http://${address.trim()}/`, { signal: AbortSignal.timeout(2_000) })).status > 0,
      {
        what: 'the bare ingress answers',
        within: 120_000,
        every: 150,
      },
    );
  }

  async pause(): Promise<void> {
    await docker(['pause', this.#node]);
  }

  async unpauseUntilApiAnswers(): Promise<void> {
    await docker(['unpause', this.#node]);
    await this.#untilApiAnswers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run('delete');
  }

  get #node(): string {
    return `k3d-${this.#name}-server-0`;
  }

  async #untilApiAnswers(): Promise<void> {
    const kubectl = () => hostKubectl(this.#kubeconfig, 'get', '--raw=/readyz');
    await eventually(async () => (await kubectl()) !== '', {
      what: 'the bare API answers',
      within: 120_000,
      every: 20,
    });
  }

  async #run(verb: string, ...args: string[]): Promise<void> {
    await execa(this.#k3d, ['cluster', verb, this.#name, ...args], { timeout: 240_000, env: this.#env });
  }
}
