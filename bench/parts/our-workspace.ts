import { dockerNames } from '../../src/names/docker-names.ts';
import { parseInstanceId } from '../../src/names/instance-id.ts';
import { parseLabName } from '../../src/names/lab-name.ts';
import { parseUsername } from '../../src/names/username.ts';
import type { Certificate } from '../../test/e2e/harness/certificate.ts';
import { docker } from '../../test/e2e/harness/docker.ts';
import type { EventRecorder } from '../../test/e2e/harness/event-recorder.ts';
import { eventually } from '../../test/e2e/harness/eventually.ts';
import type { Factory } from '../../test/e2e/harness/factory.ts';
import type { Student } from '../../test/e2e/harness/student.ts';
import { manifests } from '../../test/e2e/harness/web-app.ts';
import { Workspace } from '../../test/e2e/harness/workspace.ts';
import { type App, appAt, untilAppAnswers } from './app.ts';
import { ClusterDoor } from './cluster-door.ts';
import { loginsIn } from './factory-log.ts';

/** A kubectl that is started over and over would take half a core from the cluster that is being made. */
export const KUBECTL_WORKS =
  'until [ -e ~/.kube/config ]; do sleep 0.05; done; until kubectl get --raw=/readyz >/dev/null 2>&1; do sleep 0.05; done';
const LAB = 'k3s';

/** When each of the two was paused. */
export interface Pauses {
  readonly container: number;
  readonly node: number;
}

/** A student of a factory, with the workspace of the lab `k3s`. */
export class OurWorkspace {
  readonly student: Student;
  readonly app: App;
  /** Also before there is a cluster. */
  readonly door: ClusterDoor;
  readonly #factory: Factory;
  readonly #workspace: Workspace;

  private constructor(factory: Factory, student: Student, cluster: string) {
    this.student = student;
    this.app = appAt(`${student.name}.${factory.domain}`, factory.endpoints.routes.http);
    this.door = new ClusterDoor(cluster);
    this.#factory = factory;
    this.#workspace = new Workspace(factory, student.name, LAB);
  }

  /** Nothing is made before the first login. */
  static async of(factory: Factory, name: string): Promise<OurWorkspace> {
    const [user, lab] = [parseUsername(name), parseLabName(LAB)];
    const instance = parseInstanceId(await factory.instance());
    if (user === undefined || lab === undefined || instance === undefined)
      throw new Error(`no name: ${name}`);
    const { cluster } = dockerNames(instance, { user, lab });
    return new OurWorkspace(factory, await factory.student(name), cluster);
  }

  /** Has all made, the app included, and leaves. */
  async prepare(): Promise<void> {
    await this.kubectlWorks();
    await using session = await this.student.hold();
    await this.apply();
    await untilAppAnswers(this.app, 100);
    await session.logOut();
  }

  async kubectlWorks(): Promise<void> {
    await this.student.run(KUBECTL_WORKS, { timeout: 240_000 });
  }

  /** Deploys the app, with a certificate where one is given, and what else there is as YAML. */
  async apply(certificate?: Certificate, more?: string): Promise<void> {
    const { definition } = this.app;
    const objects = manifests(certificate === undefined ? definition : { ...definition, certificate });
    const input = more === undefined ? objects : `${objects}---\n${more}`;
    await this.student.run('kubectl apply -f -', { input });
  }

  /** Resolves when a login at a terminal shows its prompt; a key is pressed, so it does not wait for the cluster. */
  async prompt(): Promise<void> {
    await using terminal = this.student.terminal();
    terminal.type('\r');
    await terminal.shows(/\$ $/, 120_000);
  }

  async paused(): Promise<void> {
    await this.#workspace.becomes('paused', 60_000);
  }

  /** Resolves when both have been paused at or after `since`, by the engine's record; all in ms since the epoch. */
  async pausesSince(recorder: EventRecorder, since: number, within = 60_000): Promise<Pauses> {
    const instance = await this.#factory.instance();
    const pausedAt = async (role: 'container' | 'node') => {
      const which = { user: this.student.name, role, action: 'pause' };
      return (await recorder.next(instance, which, since, within)).at;
    };
    return { container: await pausedAt('container'), node: await pausedAt('node') };
  }

  /**
   * Pauses both by `docker pause` while somebody is there, and has them run again. The factory stands still meanwhile: it would
   * wake them at once. Resolves with how long each took from the start of `docker`, by the engine's record; ms.
   */
  async pauseByHand(recorder: EventRecorder): Promise<Pauses> {
    const ids = (await this.#workspace.containers()).map(({ Id }) => Id);
    this.#factory.signal('SIGSTOP');
    try {
      const began = Date.now();
      await docker(['pause', ...ids]);
      const { container, node } = await this.pausesSince(recorder, began);
      await docker(['unpause', ...ids]);
      return { container: container - began, node: node - began };
    } finally {
      this.#factory.signal('SIGCONT');
    }
  }

  async stopped(): Promise<void> {
    await this.#workspace.becomes('exited', 120_000);
  }

  /** How many times the student has logged in so far. */
  get logins(): number {
    return loginsIn(this.#factory.log, this.student.name).length;
  }

  /** When the factory accepted the key of login number `index`, by its log; ms since the epoch. */
  async authenticatedAt(index: number): Promise<number> {
    return eventually(() => loginsIn(this.#factory.log, this.student.name)[index], {
      what: `${this.student.name} logs in`,
      within: 10_000,
      every: 20,
    });
  }
}
