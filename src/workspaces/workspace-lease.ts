import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import type { HeldLease } from './held-lease.ts';
import type { ExecStream, SshdTransport } from './ports/runtime.ts';
import type { Lease, LeaseHolder, Phase } from './workspace-access.ts';
import type { WorkspaceController, WorkspacePorts } from './workspace-controller.ts';

/** A `Lease` on one controller; it holds from its construction until `release`. */
export class WorkspaceLease implements Lease {
  readonly key: WorkspaceKey;
  readonly urls: Lease['urls'];
  readonly #controller: WorkspaceController;
  readonly #ports: WorkspacePorts;
  readonly #clock: Clock;
  readonly #held: HeldLease;
  readonly #subscriptions = new Set<Disposable>();
  #released = false;

  constructor(
    controller: WorkspaceController,
    ports: WorkspacePorts,
    holder: LeaseHolder,
    urls: Lease['urls'],
    clock: Clock,
  ) {
    this.key = controller.key;
    this.urls = urls;
    this.#controller = controller;
    this.#ports = ports;
    this.#clock = clock;
    const since = clock.now();
    this.#held = { holder, since, lastInput: since };
    controller.hold(this.#held);
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
    return this.#controller.resetContainer(signal);
  }

  async publicKubeconfig(signal: AbortSignal): Promise<string> {
    await this.clusterReady(signal);
    return this.#ports.clusters.publicKubeconfig(this.key, signal);
  }

  noteInput(): void {
    this.#held.lastInput = this.#clock.now();
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#controller.release(this.#held);
  }
}
