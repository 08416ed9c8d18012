import type { FrontContainer, FrontContainerRef, FrontContainers } from '../front-containers.ts';
import type { FrontConnection, FrontLaunch } from '../front-sessions.ts';

export const LAUNCH: FrontLaunch = {
  image: 'image',
  user: 'lab',
  workingDir: '/home/lab',
  env: {},
  labels: {},
  binds: [],
  mounts: [],
  networkMode: 'container:lab',
  securityOpt: [],
  limits: { memory: 1, cpus: 1, pids: 1 },
};

/** Containers of a front in memory: the test makes them, and is told what was done to them. */
export class MemoryFronts implements FrontContainers {
  readonly containers = new Map<string, FrontContainer>();
  /** The ids of containers that have a kubeconfig, with what it says. */
  readonly kubeconfigs = new Map<string, string>();
  readonly removed: string[] = [];
  /** So many of the next calls fail. */
  failures = 0;
  #made = 0;

  /** As ContainerSSH makes one and starts a shell in it. */
  make(connection: FrontConnection, like: Partial<FrontContainer> = {}): string {
    this.#made += 1;
    const id = this.#made.toString(16).padStart(64, '0');
    this.containers.set(id, { id, connection, state: 'running', busy: true, cutOff: false, ...like });
    return id;
  }

  change(id: string, change: Partial<FrontContainer>): void {
    const container = this.containers.get(id);
    if (container !== undefined) this.containers.set(id, { ...container, ...change });
  }

  async list(signal: AbortSignal): Promise<readonly FrontContainer[]> {
    this.#mayFail(signal);
    return [...this.containers.values()];
  }

  async launch(
    _connection: FrontConnection,
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<FrontLaunch> {
    this.#mayFail(signal);
    return { ...LAUNCH, env };
  }

  async putKubeconfig({ id }: FrontContainerRef, kubeconfig: string, signal: AbortSignal): Promise<void> {
    this.#mayFail(signal);
    if (this.containers.has(id)) this.kubeconfigs.set(id, kubeconfig);
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    this.#mayFail(signal);
    if (this.containers.delete(id)) this.removed.push(id);
  }

  #mayFail(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.failures === 0) return;
    this.failures -= 1;
    throw new Error('the engine does not answer');
  }
}
