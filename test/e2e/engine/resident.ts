import { eventually } from '../harness/eventually.ts';
import type { Factory } from '../harness/factory.ts';
import { request } from '../harness/http-request.ts';
import { clusterOfUse, kubectl } from '../harness/kubectl.ts';
import type { SshSession } from '../harness/ssh-session.ts';
import type { Student } from '../harness/student.ts';
import { deploy } from '../harness/web-app.ts';
import { Workspace } from '../harness/workspace.ts';
import { makeBarePod, readInPod, resolveInPod, VOLUMES } from '../survival/bare-pod.ts';

/** What must be the same whenever a student comes back. */
export interface Sight {
  readonly home: string;
  /** As Docker has it, and as Kubernetes. */
  readonly nodeAddresses: string;
  /** uid and phase of a pod that no controller would make again. */
  readonly barePod: string;
  readonly claim: string;
  readonly kubernetesInDns: string;
  readonly nodeInDns: string;
  readonly app: string;
}

/** A student with an app behind the Ingress and a pod of their own, who leaves and comes back. */
export class Resident implements AsyncDisposable {
  readonly student: Student;
  readonly workspace: Workspace;
  readonly #factory: Factory;
  #session: SshSession | undefined;

  private constructor(factory: Factory, student: Student, lab: string) {
    this.student = student;
    this.workspace = new Workspace(factory, student.name, lab);
    this.#factory = factory;
  }

  /** Comes for the first time, and stays. The factory's domain is "localhost". */
  static async moveIn(factory: Factory, name: string, lab: string): Promise<Resident> {
    const resident = new Resident(factory, await factory.student(name), lab);
    await resident.logIn();
    const { student } = resident;
    await student.run('echo kept > ~/kept');
    await makeBarePod(student);
    await deploy(student, { name: 'app', says: `hello from ${name}`, hosts: [`${name}.localhost`] });
    return resident;
  }

  /** Resolves when the cluster is of use. */
  async logIn(): Promise<void> {
    this.#session = await this.student.hold({ timeout: 180_000 });
    await clusterOfUse(this.student);
  }

  async logOut(): Promise<void> {
    await this.#session?.logOut();
    this.#session = undefined;
  }

  /** Waits until everything can be seen: pods are of use some seconds after the API is. */
  async look(): Promise<Sight> {
    return eventually(() => this.#look(), {
      what: `all that ${this.student.name} has is there`,
      within: 180_000,
      every: 500,
    });
  }

  async #look(): Promise<Sight> {
    const { student, workspace } = this;
    const node = `-o jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}'`;
    const pod = `-o jsonpath='{.metadata.uid} {.status.phase}'`;
    const { body } = await request({
      url: `http://${student.name}.localhost/`,
      at: this.#factory.endpoints.routes.http,
    });
    const [app] = /hello from \w+/.exec(body) ?? [];
    if (app === undefined) throw new Error(`no answer of the app:\n${body}`);
    return {
      home: await student.run('cat ~/kept'),
      nodeAddresses: `${await workspace.nodeAddress()} ${await kubectl(student, `get nodes ${node}`)}`,
      barePod: await kubectl(student, `get pod bare ${pod}`),
      claim: await readInPod(student, `${VOLUMES.claim}/word`),
      kubernetesInDns: await resolveInPod(student, 'kubernetes.default.svc.cluster.local'),
      nodeInDns: await resolveInPod(student, (await workspace.node()).Name.slice(1)),
      app,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }
}
