import { eventually } from '../harness/eventually.ts';
import type { Factory } from '../harness/factory.ts';
import { request } from '../harness/http-request.ts';
import { clusterOfUse } from '../harness/kubectl.ts';
import type { SshSession } from '../harness/ssh-session.ts';
import type { SshOptions, Student } from '../harness/student.ts';
import type { Expected, Visited } from '../harness/visitors.ts';
import { deploy } from '../harness/web-app.ts';

/** A cluster is made or started in that time also on a busy machine; ms. */
const SLOW: SshOptions = { timeout: 240_000 };

/** A student's cluster with an app behind its Ingress, which is put to sleep and woken by their own orders. */
export class CyclingCluster implements Visited {
  readonly host: string;
  readonly student: Student;
  readonly #factory: Factory;
  #expected: Expected;
  #changes = 0;
  #starting = true;

  private constructor(factory: Factory, student: Student) {
    this.#factory = factory;
    this.student = student;
    this.host = `${student.name}.${factory.domain}`;
  }

  /** Resolves when the app answers. */
  static async make(factory: Factory, name: string): Promise<CyclingCluster> {
    const cycling = new CyclingCluster(factory, await factory.student(name));
    await cycling.deploy();
    return cycling;
  }

  /** The app as long as nobody has ordered anything else, `asleep` once that is carried out. */
  get expected(): Expected {
    return this.#expected;
  }

  get changes(): number {
    return this.#changes;
  }

  /** After a stop and a reset: pods are started, and count as ready before their program listens. */
  get starting(): boolean {
    return this.#starting;
  }

  isOwn(says: string): boolean {
    return says === this.#says;
  }

  /** Resolves when it sleeps. */
  async sleep(how: 'suspend' | 'stop'): Promise<void> {
    this.#expect(undefined);
    await this.student.run(`@cluster ${how}`, SLOW);
    this.#starting = how === 'stop';
    this.#expect('asleep');
  }

  /** Resolves when the app answers again. */
  async wake(): Promise<void> {
    this.#expect(undefined);
    await this.student.run('@cluster start', SLOW);
    await this.#answers();
  }

  /** Resolves when the app of the new cluster answers. */
  async reset(): Promise<void> {
    this.#expect(undefined);
    this.#starting = true;
    await this.student.run('@reset cluster --yes', SLOW);
    await this.deploy();
  }

  /** Makes the cluster, where there is none, and puts the app into it. */
  async deploy(): Promise<void> {
    await using session: SshSession = await this.student.hold(SLOW);
    await clusterOfUse(this.student);
    await deploy(this.student, { name: 'app', says: this.#says, hosts: [this.host] });
    await this.#answers();
    await session.logOut();
  }

  async #answers(): Promise<void> {
    const target = { url: `http://${this.host}/`, at: this.#factory.endpoints.routes.http };
    await eventually(async () => (await request(target)).body.includes(this.#says), {
      what: `the app at ${this.host} answers`,
      every: 50,
    });
    this.#starting = false;
    this.#expect(this.#says);
  }

  get #says(): string {
    return `hello from ${this.student.name}`;
  }

  #expect(expected: Expected): void {
    this.#expected = expected;
    this.#changes++;
  }
}
