import { expect, type TestContext } from 'vitest';
import { eventually } from '../e2e/harness/eventually.ts';
import { Factory } from '../e2e/harness/factory.ts';
import { CLUSTER_LAB, writeFactoryFiles } from '../e2e/harness/factory-files.ts';
import type { FactoryOptions } from '../e2e/harness/factory-options.ts';
import { request } from '../e2e/harness/http-request.ts';
import { clusterOfUse } from '../e2e/harness/kubectl.ts';
import type { Student } from '../e2e/harness/student.ts';
import { deploy } from '../e2e/harness/web-app.ts';
import { Workspace } from '../e2e/harness/workspace.ts';
import { makeBarePod, resolveArguments } from '../e2e/survival/bare-pod.ts';

export interface ComesBackRounds {
  readonly suspends: number;
  readonly stops: number;
  /** Of two clusters, of which each wakes as the other goes to sleep. */
  readonly crossings: number;
}

const OPTIONS: FactoryOptions = { grace: '500ms', labs: { k3s: CLUSTER_LAB } };

/**
 * Puts a cluster to sleep and wakes it, again and again, by logging out and in: paused, crossing with another one, and stopped.
 * Whatever it was, each time all that was to be seen of it is to be seen again.
 */
export async function comesBack(rounds: ComesBackRounds, context: TestContext): Promise<void> {
  await using factory = await Factory.start(OPTIONS);
  factory.showLogOnFailure(context);
  const alice = await Sleeper.make(factory, 'alice');
  const bob = rounds.crossings > 0 ? await Sleeper.make(factory, 'bob') : undefined;
  await alice.falls('paused');

  for (let round = 1; round <= rounds.suspends; round += 1) {
    await alice.isAsBefore(`suspend ${round}`);
    await alice.falls('paused');
  }

  await bob?.falls('paused');
  for (let round = 1; round <= rounds.crossings; round += 1) {
    await alice.isAsBefore(`crossing ${round}`);
    // Her grace time begins as he comes, and is over while his cluster wakes.
    await Promise.all([alice.falls('paused'), bob?.isAsBefore(`crossing ${round}`)]);
    await bob?.falls('paused');
  }

  await factory.stop();
  await writeFactoryFiles(factory.folder, { ...OPTIONS, stopAfter: '1s' });
  await factory.startAgain();
  await alice.falls('exited');
  for (let round = 1; round <= rounds.stops; round += 1) {
    await alice.isAsBefore(`stop ${round}`);
    await alice.falls('exited');
  }
}

/** What is to be seen of a cluster; nothing of it may ever change. */
interface Sight {
  /** Of the node, as Docker and as Kubernetes have it. */
  readonly addresses: readonly string[];
  /** What names lead to in a pod: of the API, of the app, of the node. */
  readonly names: string;
  /** The uid of the bare pod. */
  readonly bare: string;
}

/** Somebody with a cluster that is put to sleep and woken. */
class Sleeper {
  readonly #factory: Factory;
  readonly #student: Student;
  readonly #workspace: Workspace;
  #before: Sight | undefined;

  private constructor(factory: Factory, student: Student) {
    this.#factory = factory;
    this.#student = student;
    this.#workspace = new Workspace(factory, student.name);
  }

  static async make(factory: Factory, name: string): Promise<Sleeper> {
    const student = await factory.student(name);
    const sleeper = new Sleeper(factory, student);
    await using session = await student.hold();
    await clusterOfUse(student);
    await makeBarePod(student);
    await deploy(student, { name: 'app', says: `hello from ${name}`, hosts: [`${name}.lab.test`] });
    sleeper.#before = await sleeper.#look();
    await session.logOut();
    return sleeper;
  }

  async falls(state: 'paused' | 'exited'): Promise<void> {
    await this.#workspace.becomes(state);
  }

  /** Comes, looks at everything, and leaves. */
  async isAsBefore(what: string): Promise<void> {
    expect(await this.#look(), `${this.#student.name}, ${what}`).toEqual(this.#before);
  }

  async #look(): Promise<Sight> {
    const host = `${this.#student.name}.lab.test`;
    const app = async () => {
      const { body } = await request({ url: `http://${host}/`, at: this.#factory.endpoints.routes.http });
      return body.includes(`hello from ${this.#student.name}`);
    };
    const node = (await this.#workspace.node()).Name.slice(1);
    await using session = await this.#student.hold();
    const seen = await this.#student.run('bash -s', { input: lookAround(node), timeout: 240_000 });
    await eventually(app, { what: `the app at ${host} answers`, every: 100 });
    const docker = await this.#workspace.nodeAddress();
    await session.logOut();
    const [address = '', bare = '', ...names] = seen.split('\n');
    return { addresses: [docker, address], names: names.join(' '), bare };
  }
}

/** One script for all that kubectl is asked, as each login takes its time. It ends with what is to be seen. */
function lookAround(node: string): string {
  const names = ['kubernetes.default', 'app', node];
  return `
    set -u
    soon() { for i in $(seq 300); do "$@" 2>/tmp/why && return; sleep 0.2; done; cat /tmp/why >&2; exit 1; }
    soon kubectl get --raw /readyz --request-timeout=10s >/dev/null
    soon kubectl get nodes -o jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}{"\\n"}'
    soon kubectl get pod bare -o jsonpath='{.metadata.uid}{"\\n"}'
    ${names.map((name) => `soon kubectl ${resolveArguments(name)}; echo`).join('\n')}
  `;
}
