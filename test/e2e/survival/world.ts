import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Certificate, makeCertificate } from '../harness/certificate.ts';
import { eventually, PATIENCE } from '../harness/eventually.ts';
import { Factory } from '../harness/factory.ts';
import type { FactoryOptions } from '../harness/factory-options.ts';
import { request } from '../harness/http-request.ts';
import { clusterOfUse, kubectl } from '../harness/kubectl.ts';
import type { SshSession } from '../harness/ssh-session.ts';
import type { Student } from '../harness/student.ts';
import { deploy } from '../harness/web-app.ts';
import { Workspace } from '../harness/workspace.ts';
import { makeBarePod } from './bare-pod.ts';
import { furnish } from './furniture.ts';

const HOST = 'alice.localhost';
const SAYS = 'hello from alice';

/** One workspace that is put to sleep, stopped, killed and reset, with everything in it that a student may care for. */
export class SurvivalWorld implements AsyncDisposable {
  readonly factory: Factory;
  readonly alice: Student;
  readonly workspace: Workspace;
  /** As alice saved it on her own machine, before anything happened. */
  readonly kubeconfig: string;
  readonly #certificate: Certificate;
  #session: SshSession | undefined;

  private constructor(factory: Factory, alice: Student, certificate: Certificate) {
    this.factory = factory;
    this.alice = alice;
    this.workspace = new Workspace(factory, alice.name);
    this.kubeconfig = join(factory.folder, 'kubeconfig.yaml');
    this.#certificate = certificate;
  }

  static async make(options: FactoryOptions): Promise<SurvivalWorld> {
    const factory = await Factory.start({
      domain: 'localhost',
      grace: '2s',
      config: { log: { level: 'debug' } },
      ...options,
    });
    try {
      const certificate = await makeCertificate(factory.folder, [HOST]);
      const world = new SurvivalWorld(factory, await factory.student('alice'), certificate);
      await world.#furnish();
      return world;
    } catch (error) {
      await factory[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #furnish(): Promise<void> {
    const { alice } = this;
    await this.logIn();
    await makeBarePod(alice);
    await deploy(alice, { name: 'app', says: SAYS, hosts: [HOST], certificate: this.#certificate });
    await furnish(alice);
    await writeFile(this.kubeconfig, await alice.run('@kubeconfig'));
    await this.appAnswers();
  }

  /** Comes back and holds a session; resolves when cluster and app are of use. */
  async logIn(): Promise<void> {
    this.#session = await this.alice.hold({ timeout: 180_000 });
    await clusterOfUse(this.alice);
  }

  async logOut(): Promise<void> {
    await this.#session?.logOut();
    this.#session = undefined;
  }

  /** The session ended in another way: with its container, or with the factory. */
  async sessionEnded(): Promise<void> {
    await this.#session?.ended();
    this.#session = undefined;
  }

  /** The app behind the Ingress, over HTTP and with its own certificate over HTTPS. */
  async appAnswers(within = PATIENCE): Promise<void> {
    const { http, https } = this.factory.endpoints.routes;
    const caFile = this.#certificate.file;
    for (const target of [
      { url: `http://${HOST}/`, at: http },
      { url: `https://${HOST}/`, at: https, caFile },
    ]) {
      await eventually(async () => (await request(target)).body.includes(SAYS), {
        what: `${target.url} answers`,
        within,
      });
    }
  }

  /** Pods are Ready again some seconds after the API is: their old status is "running" until the kubelet has looked. */
  async podsRun(): Promise<void> {
    const reaches = async () => {
      await kubectl(this.alice, 'exec bare -- /program get http://app/');
      return kubectl(this.alice, 'wait pod/bare --for=condition=Ready --timeout=5s');
    };
    await eventually(reaches, {
      what: 'the bare pod runs and reaches the app',
      within: 180_000,
      every: 500,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
    await this.factory[Symbol.asyncDispose]();
  }
}
