import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { Clock } from '../../time/clock.ts';

export interface LanesOptions {
  /**
   * Does one thing for this workspace, and says when it wants to be called again: ms since the epoch, or undefined where nothing waits. Never
   * rejects.
   */
  readonly turn: (key: WorkspaceKey) => Promise<number | undefined>;
  /** So many turns go on at one time. */
  readonly limit: number;
  readonly clock: Clock;
}

interface Lane {
  readonly key: WorkspaceKey;
  state: 'waiting' | 'ready' | 'busy';
  timer: Disposable | undefined;
  /** While busy: there is something new to look at. */
  again: boolean;
}

/** A timer longer than this is looked at again before: the machine's clock may have been wrong. ms */
const LONGEST_WAIT = 3_600_000;

/** One lane for each workspace, side by side; in each one turn after the other. A lane that waits for nothing is not kept. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #ready: Lane[] = [];
  readonly #turns = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** The lane gets a turn as soon as may be. */
  wake(key: WorkspaceKey): void {
    if (this.#isClosed) return;
    const lane = this.#lanes.get(formatWorkspaceKey(key));
    if (lane === undefined) this.#wait(key, this.#options.clock.now());
    else if (lane.state === 'busy') lane.again = true;
    else if (lane.state === 'waiting') this.#makeReady(lane);
  }

  /** No turn begins any more. Resolves when those under way are over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#lanes.values()) timer?.[Symbol.dispose]();
    this.#lanes.clear();
    this.#ready.length = 0;
    await Promise.all(this.#turns);
  }

  #wait(key: WorkspaceKey, at: number): void {
    const lane: Lane = { key, state: 'waiting', timer: undefined, again: false };
    this.#lanes.set(formatWorkspaceKey(key), lane);
    const delay = Math.min(at - this.#options.clock.now(), LONGEST_WAIT);
    if (delay <= 0) this.#makeReady(lane);
    else lane.timer = this.#options.clock.schedule(delay, () => this.#makeReady(lane));
  }

  #makeReady(lane: Lane): void {
    lane.timer?.[Symbol.dispose]();
    lane.timer = undefined;
    lane.state = 'ready';
    this.#ready.push(lane);
    this.#fill();
  }

  #fill(): void {
    while (this.#turns.size < this.#options.limit) {
      const lane = this.#ready.shift();
      if (lane === undefined) return;
      lane.state = 'busy';
      const turn = this.#take(lane).finally(() => {
        this.#turns.delete(turn);
        this.#fill();
      });
      this.#turns.add(turn);
    }
  }

  async #take(lane: Lane): Promise<void> {
    const next = await this.#options.turn(lane.key);
    if (this.#isClosed) return;
    this.#lanes.delete(formatWorkspaceKey(lane.key));
    const at = lane.again ? this.#options.clock.now() : next;
    if (at !== undefined) this.#wait(lane.key, at);
  }
}
