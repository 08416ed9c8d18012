import { setTimeout as delay } from 'node:timers/promises';
import { containerMemory } from '../../src/docker-engine/container-memory.ts';
import { createDockerEngine } from '../../src/docker-engine/docker-engine.ts';
import type { Factory } from '../../test/e2e/harness/factory.ts';
import { runFactory } from '../../test/e2e/harness/factory-command.ts';
import type { SshSession } from '../../test/e2e/harness/ssh-session.ts';
import { Workspace } from '../../test/e2e/harness/workspace.ts';
import type { ClusterKind } from './cluster-kinds.ts';
import { dockerStatsMemory } from './docker-stats.ts';
import { KUBECTL_WORKS } from './our-workspace.ts';

/** Bytes of the host's memory, one for each time it was looked at. */
export class MemorySamples {
  readonly awake: number[] = [];
  readonly paused: number[] = [];
  readonly stopped: number[] = [];
  /** `docker stats`, awake; empty where the engine has no figures. */
  readonly dockerStats: number[] = [];
}

/** By what it is: the lab's container, or k3d's role of a node. */
export type MemoryByRole = Readonly<Record<'container' | 'server' | 'agent', MemorySamples>>;

type Role = keyof MemoryByRole;

/** ms */
const LOOK_WITHIN = 30_000;

/** A workspace in which somebody is who does nothing. */
export class IdleWorkspace implements AsyncDisposable {
  /** The user's and the lab's. */
  readonly #name: string;
  readonly #factory: Factory;
  readonly #workspace: Workspace;
  readonly #session: SshSession;
  readonly #ofUseSince = performance.now();
  readonly #engine = createDockerEngine();

  private constructor(factory: Factory, name: string, session: SshSession) {
    this.#name = name;
    this.#factory = factory;
    this.#workspace = new Workspace(factory, name, name);
    this.#session = session;
  }

  /** Resolves when its cluster is of use. */
  static async create(factory: Factory, { name }: ClusterKind): Promise<IdleWorkspace> {
    const student = await factory.student(name);
    const session = await student.hold({ timeout: 120_000 });
    await student.run(KUBECTL_WORKS, { timeout: 240_000 });
    return new IdleWorkspace(factory, name, session);
  }

  /** Resolves when its cluster has been of use for so many ms. */
  async reaches(age: number): Promise<void> {
    await delay(Math.max(0, this.#ofUseSince + age - performance.now()));
  }

  /** Looks at it as it is, then suspended after its last session, then stopped. It stays so. */
  async measure(found: MemoryByRole): Promise<void> {
    const parts = await this.#parts();
    for (const { id, role } of parts) {
      const figure = await dockerStatsMemory(id);
      if (figure !== undefined) found[role].dockerStats.push(figure);
    }
    const look = async (state: 'awake' | 'paused' | 'stopped') => {
      for (const { id, role } of parts) found[role][state].push(await this.#memory(id));
    };
    await look('awake');
    await this.#session.logOut();
    await this.#workspace.becomes('paused', 60_000);
    await look('paused');
    await runFactory(this.#factory.folder, ['workspace', 'stop', `${this.#name}/${this.#name}`]);
    await this.#workspace.becomes('exited', 60_000);
    await look('stopped');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }

  /** As the factory's own status tells it. */
  async #memory(id: string): Promise<number> {
    const memory = await containerMemory(this.#engine, id, AbortSignal.timeout(LOOK_WITHIN));
    if (memory === undefined) throw new Error(`nobody can tell how much memory ${id} takes`);
    return memory;
  }

  async #parts(): Promise<ReadonlyArray<{ readonly id: string; readonly role: Role }>> {
    const containers = await this.#workspace.containers();
    return containers.map(({ Id: id, Config: { Labels } }) => ({ id, role: roleOf(Labels?.['k3d.role']) }));
  }
}

function roleOf(k3dRole: string | undefined): Role {
  return k3dRole === 'server' || k3dRole === 'agent' ? k3dRole : 'container';
}
