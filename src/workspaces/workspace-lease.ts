import { FactoryError } from '../errors/factory-error.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import type { HeldLease } from './held-lease.ts';
import type { ExecStream, SshdTransport } from './ports/runtime.ts';
import type {
  Lease,
  LeaseHolder,
  LifecycleNews,
  OpenChannel,
  Phase,
  SessionEnd,
  SessionNotice,
} from './workspace-access.ts';
import type { WorkspaceController, WorkspacePorts } from './workspace-controller.ts';

/** A `Lease` on one controller; it holds from its construction until `release`. */
export class WorkspaceLease implements Lease, HeldLease {
  readonly key: WorkspaceKey;
  readonly holder: LeaseHolder;
  readonly urls: Lease['urls'];
  readonly since: number;
  readonly channels = new Set<OpenChannel>();
  lastInput: number;
  client: string;
  readonly #controller: WorkspaceController;
  readonly #ports: WorkspacePorts;
  readonly #clock: Clock;
  readonly #subscriptions = new Set<Disposable>();
  readonly #listeners = new Set<(notice: SessionNotice) => void>();
  #released = false;

  constructor(
    controller: WorkspaceController,
    ports: WorkspacePorts,
    holder: LeaseHolder,
    urls: Lease['urls'],
    clock: Clock,
  ) {
    this.key = controller.key;
    this.holder = holder;
    this.urls = urls;
    this.#controller = controller;
    this.#ports = ports;
    this.#clock = clock;
    this.since = clock.now();
    this.lastInput = this.since;
    this.client = holder.clientProgram;
    controller.hold(this);
  }

  containerReady(signal: AbortSignal): Promise<void> {
    return this.#controller.container.ready(signal);
  }

  clusterReady(signal: AbortSignal): Promise<void> {
    return this.#controller.clusterReady(signal);
  }

  containerPhase(): Phase {
    return this.#controller.container.phase;
  }

  clusterPhase(): Phase {
    return this.#controller.clusterPhase;
  }

  onPhaseChange(listener: () => void): Disposable {
    const subscription = this.#controller.onPhaseChange(listener);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  openSshd(signal: AbortSignal): Promise<SshdTransport> {
    return this.#ports.runtime.openSshd(this.key, signal);
  }

  exec(
    command: readonly string[],
    pty: { columns: number; rows: number; term: string } | undefined,
    signal: AbortSignal,
  ): Promise<ExecStream> {
    return this.#ports.runtime.exec(this.key, command, pty, signal);
  }

  resetContainer(signal: AbortSignal): Promise<void> {
    return this.#controller.reset('container', this.key.user, signal);
  }

  resetCluster(signal: AbortSignal): Promise<void> {
    return this.#controller.reset('cluster', this.key.user, signal);
  }

  async publicKubeconfig(signal: AbortSignal): Promise<string> {
    await this.clusterReady(signal);
    return this.#ports.clusters.publicKubeconfig(this.key, signal);
  }

  noteInput(): void {
    this.lastInput = this.#clock.now();
  }

  noteClient(name: string): void {
    this.client = name;
  }

  noteChannel(channel: OpenChannel): Disposable {
    // A copy: two channels that look alike are two.
    const open = { ...channel };
    this.channels.add(open);
    return { [Symbol.dispose]: () => this.channels.delete(open) };
  }

  onNotice(listener: (notice: SessionNotice) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  notify(notice: SessionNotice): void {
    for (const listener of [...this.#listeners]) listener(notice);
  }

  get endsAt(): number | undefined {
    return undefined;
  }

  extend(_ms: number): number {
    throw new FactoryError('EXTENSION_REFUSED', 'This lab sets no limit to your session.');
  }

  lifecycleNews(): LifecycleNews {
    return this.#controller.lifecycleNews();
  }

  release(reason: SessionEnd = 'closed'): void {
    if (this.#released) return;
    this.#released = true;
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#listeners.clear();
    this.#controller.release(this, reason);
  }
}
