import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { wait } from '../../time/wait.ts';
import type { GatewayLimits } from '../gateway-limits.ts';
import type { InnerHop } from '../inner/inner-hop.ts';
import type { RemoteForwards } from './remote-forwards.ts';

/** Forwards that held for this long get all tries anew; ms. Those of an sshd that always ends at once do not: it would be started for ever. */
const STEADY = 60_000;

interface KeeperOptions {
  readonly forwards: Pick<RemoteForwards, 'anyLost' | 'restore'>;
  readonly hop: Pick<InnerHop, 'connect'>;
  readonly limits: Pick<GatewayLimits, 'restoreTries' | 'restorePause'>;
  readonly clock: Clock;
  /** Aborts when the client's connection is over. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** They cannot be brought back. Called once. */
  readonly giveUp: () => void;
}

/**
 * Brings remote forwards back after the inner connection in which they listened was lost: a client that has nothing else
 * (`ssh -N -R`) asks for nothing that would make it again, and would be there with dead forwards for ever.
 */
export class ForwardKeeper {
  readonly #options: KeeperOptions;
  /** Since they were steady. */
  #tries = 0;
  #restoredAt: number;
  /** Also once it has given up. */
  #busy = false;
  #pause = new AbortController();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#restoredAt = options.clock.now();
  }

  /** Some may be lost: looks, and tries until none is. Never rejects. */
  async keep(): Promise<void> {
    const { forwards, limits, clock, signal, giveUp } = this.#options;
    if (this.#busy || signal.aborted) return;
    this.#busy = true;
    if (clock.now() - this.#restoredAt >= STEADY) this.#tries = 0;
    while (forwards.anyLost) {
      if (this.#tries >= limits.restoreTries) return giveUp();
      await this.#waitForNext();
      if (!signal.aborted) await this.#try();
      if (signal.aborted) return;
    }
    this.#restoredAt = clock.now();
    this.#busy = false;
  }

  /** An inner connection is there, whoever asked for it: they are tried in it now, and not after the pause. */
  opened(): void {
    this.#pause.abort();
  }

  /** The first try is at once; what sshd had open may not be free by then. */
  async #waitForNext(): Promise<void> {
    const { limits, clock, signal } = this.#options;
    const delay = this.#tries === 0 ? 0 : limits.restorePause * 2 ** (this.#tries - 1);
    this.#pause = new AbortController();
    await wait(delay, clock, AbortSignal.any([signal, this.#pause.signal]));
    // What somebody else had started costs none of our tries.
    if (!this.#pause.signal.aborted) this.#tries += 1;
  }

  async #try(): Promise<void> {
    const { forwards, hop, clock, signal, logger } = this.#options;
    try {
      const inner = await hop.connect();
      const answered = new AbortController();
      // Whoever is root in the container may have put an sshd there that never answers.
      void forwards.restore(inner).finally(() => answered.abort());
      await wait(inner.answerTimeout, clock, AbortSignal.any([signal, answered.signal]));
    } catch (error) {
      logger.debug({ err: error }, 'remote forwards are not back');
    }
  }
}
