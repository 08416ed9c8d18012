import { FactoryError } from '../../errors/factory-error.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { LeaseHolder, Phase, SessionEnd, SessionNotice } from '../../workspaces/workspace-access.ts';
import type { FrontLease } from '../leases/front-session.ts';

export const LEFT_BEHIND_AFTER = 600_000;

/** Workspaces that only know who holds a lease. They outlive no factory: each has its own. */
export class MemoryLeases {
  /** The sessions that hold one now; twice where two do. */
  readonly held: string[] = [];
  readonly ends: { readonly session: string; readonly reason: SessionEnd }[] = [];
  readonly uses: string[] = [];
  readonly inputs: string[] = [];
  readonly clients: string[] = [];
  labIsKnown = true;
  ready: Promise<void> = Promise.resolve();
  #cluster: Phase = { kind: 'none' };
  readonly #phaseListeners = new Set<() => void>();
  readonly #noticeListeners = new Map<string, (notice: SessionNotice) => void>();

  set cluster(phase: Phase) {
    this.#cluster = phase;
    for (const listener of [...this.#phaseListeners]) listener();
  }

  /** An order of the operator, or an end that the lab sets. */
  notify(notice: SessionNotice): void {
    for (const listener of [...this.#noticeListeners.values()]) listener(notice);
  }

  lease(_key: WorkspaceKey, { session }: LeaseHolder): FrontLease {
    if (!this.labIsKnown) throw new FactoryError('LAB_UNKNOWN', 'There is no such lab.');
    this.held.push(session);
    let isReleased = false;
    let phaseListener = () => {};
    return {
      containerReady: (signal) => this.#whenReady(signal),
      clusterPhase: () => this.#cluster,
      leftBehindAfter: LEFT_BEHIND_AFTER,
      env: () => ({ FROM_HOOK: 'yes' }),
      onPhaseChange: (listener) => {
        phaseListener = listener;
        this.#phaseListeners.add(listener);
        return { [Symbol.dispose]: () => this.#phaseListeners.delete(listener) };
      },
      onNotice: (listener) => {
        this.#noticeListeners.set(session, listener);
        return { [Symbol.dispose]: () => this.#noticeListeners.delete(session) };
      },
      noteClient: (name) => void this.clients.push(name),
      noteUse: () => void this.uses.push(session),
      noteInput: () => void this.inputs.push(session),
      release: (reason = 'closed') => {
        if (isReleased) return;
        isReleased = true;
        this.held.splice(this.held.indexOf(session), 1);
        this.ends.push({ session, reason });
        this.#phaseListeners.delete(phaseListener);
        this.#noticeListeners.delete(session);
      },
    };
  }

  async #whenReady(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    await Promise.race([this.ready, promise]);
  }
}
