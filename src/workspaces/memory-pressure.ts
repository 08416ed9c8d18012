import type { Clock } from '../time/clock.ts';
import type { Order } from './desired-state.ts';
import type { HostMemory } from './ports/host-memory.ts';
import type { WorkspaceController } from './workspace-controller.ts';

/** ms */
const LOOK_EVERY = 10_000;
const LOOK_LIMIT = 5_000;

export interface MemoryPressureOptions {
  readonly memory: HostMemory;
  /** With less than this available suspended workspaces are stopped; bytes. */
  readonly reserve: number;
  /** How often the host's memory is looked at, ms. */
  readonly lookEvery?: number;
  readonly controllers: () => Iterable<WorkspaceController>;
  /** Told of each workspace that is to be stopped. */
  readonly onRelief: (controller: WorkspaceController, available: number) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const ORDER: Order = { state: 'stopped', cause: { kind: 'memory_pressure' } };

/**
 * While the host is short of memory, has the workspace stopped that is suspended for the longest time, then looks again: one at
 * a time, and the next only when the one before has given its memory back.
 */
export class MemoryPressure {
  readonly #options: MemoryPressureOptions;
  #relieving: WorkspaceController | undefined;
  #timer: Disposable | undefined;

  constructor(options: MemoryPressureOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#timer?.[Symbol.dispose](), { once: true });
    this.#lookLater();
  }

  #lookLater(): void {
    const { clock, signal, lookEvery = LOOK_EVERY } = this.#options;
    if (signal.aborted) return;
    this.#timer = clock.schedule(lookEvery, () => void this.#look().finally(() => this.#lookLater()));
  }

  async #look(): Promise<void> {
    const { memory, reserve, signal } = this.#options;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT)]);
    const available = await memory.available(limit).catch(() => undefined);
    if (available === undefined || available >= reserve || signal.aborted || this.#isRelieving) return;
    this.#relieving = this.#longestSuspended();
    if (this.#relieving === undefined) return;
    this.#options.onRelief(this.#relieving, available);
    this.#relieving.give(ORDER);
  }

  /** The order ends when somebody comes; what was stopped has given its memory back; one that cannot be stopped keeps none from it. */
  get #isRelieving(): boolean {
    const controller = this.#relieving;
    if (controller === undefined || controller.order !== ORDER || controller.settledDown) return false;
    return controller.container.phase.kind !== 'failed' && controller.cluster.phase.kind !== 'failed';
  }

  #longestSuspended(): WorkspaceController | undefined {
    const suspended = [...this.#options.controllers()].filter(isSuspended);
    return suspended.toSorted((one, other) => one.emptySince - other.emptySince)[0];
  }
}

function isSuspended(controller: WorkspaceController): boolean {
  const { container, cluster, desire } = controller.snapshot();
  const states = [container.observed?.state, cluster?.observed?.state];
  return desire.state === 'suspended' && controller.settledDown && states.includes('suspended');
}
