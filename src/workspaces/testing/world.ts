import { PassThrough } from 'node:stream';
import { FactoryError } from '../../errors/factory-error.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { ClusterAddresses, Clusters } from '../ports/clusters.ts';
import type { Route, Routes } from '../ports/routes.ts';
import type { ClusterAttachment, ExecStream, Runtime } from '../ports/runtime.ts';

type State = 'absent' | 'incomplete' | 'stopped' | 'running' | 'suspended';

/** Latencies of steps, ms: of the order that the real parts showed. */
const TAKES = { create: 8_000, start: 4_000, resume: 120, suspend: 40, stop: 400, remove: 900 } as const;
type Step = keyof typeof TAKES;

const ADDRESSES: ClusterAddresses = { ingress: '10.0.0.2', api: { host: '10.0.0.2', port: 6443 } };

export interface Happening {
  readonly at: number;
  readonly part: 'container' | 'cluster' | 'route';
  readonly what: string;
}

/** One part in memory: it has a state, takes its time, can be made to fail, and notices steps that overlap. */
class MemoryPart {
  state: State = 'absent';
  failNext = 0;
  readonly violations: string[] = [];
  #busy: string | undefined;
  readonly #name: 'container' | 'cluster';
  readonly #clock: VirtualClock;
  readonly #log: Happening[];

  constructor(name: 'container' | 'cluster', clock: VirtualClock, log: Happening[]) {
    this.#name = name;
    this.#clock = clock;
    this.#log = log;
  }

  async step(step: Step, to: State, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#busy !== undefined) this.violations.push(`${this.#name}: ${step} during ${this.#busy}`);
    this.#busy = step;
    this.#log.push({ at: this.#clock.now(), part: this.#name, what: step });
    if (step === 'create') this.state = 'incomplete';
    await this.#clock.delay(TAKES[step]);
    this.#busy = undefined;
    if (this.failNext > 0) {
      this.failNext -= 1;
      throw new FactoryError('DOCKER_FAILED', `${step} failed`);
    }
    this.state = to;
  }
}

/** Containers, clusters and routes of one workspace, in memory: our own ports, for the model test of the controllers. */
export class World {
  readonly log: Happening[] = [];
  readonly container: MemoryPart;
  readonly cluster: MemoryPart;
  route: Route['kind'] | undefined;
  attached = false;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.container = new MemoryPart('container', clock, this.log);
    this.cluster = new MemoryPart('cluster', clock, this.log);
  }

  get violations(): string[] {
    return [...this.container.violations, ...this.cluster.violations];
  }

  runtime(key: WorkspaceKey): Runtime {
    const part = this.container;
    const made = () => {
      this.attached = false;
    };
    return {
      observe: async () => (part.state === 'incomplete' ? 'absent' : part.state),
      list: async () => (part.state === 'absent' ? [] : [key]),
      create: (_key, _lab, _progress, signal) => part.step('create', 'running', signal).finally(made),
      start: (_key, signal) => part.step('start', 'running', signal),
      resume: (_key, signal) => part.step('resume', 'running', signal),
      suspend: (_key, signal) => part.step('suspend', 'suspended', signal),
      stop: (_key, signal) => part.step('stop', 'stopped', signal),
      remove: (_key, signal) => part.step('remove', 'absent', signal).finally(made),
      attach: async () => {
        await this.#clock.delay(30);
        if (part.state !== 'running')
          throw new FactoryError('DOCKER_FAILED', 'attach: the container does not run');
        this.attached = true;
      },
      memory: async () => (part.state === 'running' || part.state === 'suspended' ? 1 : 0),
      openSshd: async () => ({ stream: new PassThrough(), diagnostics: () => '' }),
      exec: () => Promise.reject<ExecStream>(new FactoryError('DOCKER_FAILED', 'not in this world')),
    };
  }

  clusters(key: WorkspaceKey): Clusters {
    const part = this.cluster;
    const attachment: ClusterAttachment = { network: 'n', address: '10.0.0.14', kubeconfig: '' };
    return {
      observe: async () => part.state,
      list: async () => (part.state === 'absent' ? [] : [key]),
      create: (_key, _definition, progress, signal) => {
        progress('creating node');
        return part.step('create', 'running', signal);
      },
      start: (_key, _progress, signal) => part.step('start', 'running', signal),
      resume: (_key, _progress, signal) => part.step('resume', 'running', signal),
      suspend: (_key, signal) => {
        if (this.route !== 'asleep') part.violations.push('cluster suspended while its route was awake');
        return part.step('suspend', 'suspended', signal);
      },
      stop: (_key, signal) => part.step('stop', 'stopped', signal),
      remove: (_key, signal) => part.step('remove', 'absent', signal),
      memory: async () => (part.state === 'running' || part.state === 'suspended' ? 1 : 0),
      addresses: async () => ADDRESSES,
      attachment: async () => attachment,
      publicKubeconfig: async () => '',
    };
  }

  routes(): Routes {
    return {
      set: async (_key, route) => {
        await this.#clock.delay(60);
        this.route = route.kind;
        this.log.push({ at: this.#clock.now(), part: 'route', what: route.kind });
      },
      current: () =>
        this.route === 'awake' ? { kind: 'awake', addresses: ADDRESSES } : this.route && { kind: this.route },
      remove: async () => {
        this.route = undefined;
      },
    };
  }
}
