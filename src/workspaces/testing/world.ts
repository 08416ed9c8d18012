import { PassThrough } from 'node:stream';
import { FactoryError } from '../../errors/factory-error.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { ClusterAddresses, Clusters } from '../ports/clusters.ts';
import type { Route, Routes } from '../ports/routes.ts';
import type { ClusterAttachment, ExecStream, Runtime } from '../ports/runtime.ts';
import { MemoryPart, type MemoryStep } from './memory-part.ts';

const ADDRESSES: ClusterAddresses = { ingress: '10.0.0.2', api: { host: '10.0.0.2', port: 6443 } };

/** Containers, clusters and routes of one workspace, in memory: our own ports, for the model test of the controllers. */
export class World {
  readonly container: MemoryPart;
  readonly cluster: MemoryPart;
  route: Route['kind'] | undefined;
  attached = false;
  /** The home volume. */
  home: 'absent' | 'present' = 'absent';
  /** How many of the next attachments and routes fail. */
  tiesFail = 0;
  /** How long a look at the cluster takes; ms. */
  lookTakes = 0;
  #otherViolations: string[] = [];
  readonly #clock: VirtualClock;

  /** `onStep`: called as a step begins, before anything has changed. */
  constructor(clock: VirtualClock, onStep: (part: MemoryPart, step: MemoryStep) => void) {
    this.#clock = clock;
    this.container = new MemoryPart('container', clock, onStep);
    this.cluster = new MemoryPart('cluster', clock, (part, step) => {
      onStep(part, step);
      this.#checkRoute(step);
    });
  }

  get violations(): string[] {
    return [...this.container.violations, ...this.cluster.violations, ...this.#otherViolations];
  }

  runtime(key: WorkspaceKey): Runtime {
    const part = this.container;
    const gone = () => {
      if (part.state === 'absent') this.attached = false;
    };
    const made = () => {
      this.attached = false;
    };
    return {
      observe: async () => (part.state === 'incomplete' ? 'absent' : part.state),
      list: async () => (part.state === 'absent' ? [] : [key]),
      create: async (_key, _lab, _progress, signal) => {
        this.home = 'present';
        await part.step('create', signal).finally(made);
      },
      start: (_key, signal) => part.step('start', signal),
      resume: (_key, signal) => part.step('resume', signal),
      suspend: (_key, signal) => part.step('suspend', signal),
      stop: (_key, signal) => part.step('stop', signal),
      remove: (_key, signal) => part.step('remove', signal).finally(gone),
      erase: async (_key, { home }) => {
        await this.#clock.delay(50);
        if (part.state !== 'absent') this.#otherViolations.push('erased what a container still uses');
        if (home) this.home = 'absent';
      },
      attach: async () => {
        await this.#tie();
        if (part.state !== 'running')
          throw new FactoryError('DOCKER_FAILED', 'attach: the container does not run');
        this.attached = true;
      },
      memory: async () => (part.state === 'running' || part.state === 'suspended' ? 1 : 0),
      putFiles: async () => {},
      openSshd: async () => ({ stream: new PassThrough(), diagnostics: () => '' }),
      exec: () => Promise.reject<ExecStream>(new FactoryError('DOCKER_FAILED', 'not in this world')),
    };
  }

  clusters(key: WorkspaceKey): Clusters {
    const part = this.cluster;
    const attachment: ClusterAttachment = { network: 'n', address: '10.0.0.14', kubeconfig: '' };
    return {
      observe: async () => {
        if (this.lookTakes > 0) await this.#clock.delay(this.lookTakes);
        return part.state;
      },
      list: async () => (part.state === 'absent' ? [] : [key]),
      create: (_key, _definition, _given, progress, signal) => {
        progress('creating node');
        return part.step('create', signal);
      },
      start: (_key, _progress, signal) => part.step('start', signal),
      // It may run already: then only its answer is waited for.
      resume: async (_key, _progress, signal) => {
        if (part.state === 'running') return;
        if (part.state !== 'suspended') throw new FactoryError('DOCKER_FAILED', 'resume: it is not paused');
        await part.step('resume', signal);
      },
      suspend: (_key, signal) => part.step('suspend', signal),
      stop: (_key, signal) => part.step('stop', signal),
      remove: (_key, signal) => part.step('remove', signal),
      setAside: (_key, signal) => part.step('reset', signal),
      memory: async () => (part.state === 'running' || part.state === 'suspended' ? 1 : 0),
      addresses: async () => ADDRESSES,
      attachment: async () => attachment,
      nodes: async () => [],
      stopNode: (_key, _node, signal) => part.job('stop a node', signal),
      startNode: (_key, _node, signal) => part.job('start a node', signal),
      logs: async () => ({ nodes: [], kept: undefined }),
      publicKubeconfig: async () => '',
    };
  }

  routes(): Routes {
    return {
      set: async (_key, route) => {
        if (route.kind === 'awake') await this.#tie();
        else await this.#clock.delay(60);
        this.route = route.kind;
      },
      current: () => {
        if (this.route === undefined || this.route === 'asleep') return this.route && { kind: this.route };
        return { kind: this.route, addresses: ADDRESSES };
      },
      remove: async () => {
        this.route = undefined;
      },
    };
  }

  /** A request to a node that is paused, stopped or gone would hang. */
  #checkRoute(step: MemoryStep): void {
    const endsAnswers = step === 'suspend' || step === 'stop' || step === 'remove' || step === 'reset';
    if (endsAnswers && (this.route === 'awake' || this.route === 'starting'))
      this.#otherViolations.push(`${step} while the route was ${this.route}`);
  }

  async #tie(): Promise<void> {
    await this.#clock.delay(60);
    if (this.tiesFail === 0) return;
    this.tiesFail -= 1;
    throw new FactoryError('TRAEFIK_FAILED', 'not taken over');
  }
}
