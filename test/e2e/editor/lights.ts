import { expect } from 'vitest';
import type { DockerEvent, EventRecorder } from '../harness/event-recorder.ts';
import type { Workspace } from '../harness/workspace.ts';

/** How much later than due a pause may come on a busy machine; ms. */
const SLACK = 60_000;

interface LightsOptions {
  readonly recorder: EventRecorder;
  readonly instance: string;
  readonly user: string;
  readonly workspace: Workspace;
  /** ms */
  readonly grace: number;
}

/** Whether a user's workspace is awake, as the engine's own record has it. */
export class Lights {
  readonly #options: LightsOptions;

  constructor(options: LightsOptions) {
    this.#options = options;
  }

  /** Nothing was paused since, nor is for the duration; ms. */
  async stayOn(since: number, duration = 0): Promise<void> {
    const { recorder, instance, user } = this.#options;
    await recorder.none(instance, { user, action: 'pause' }, since, duration);
  }

  /**
   * Whoever is left goes: nothing is paused within the grace time, container and node are soon after. Resolves with ms from going to
   * the last pause, without the grace time.
   *
   * @param noticedWithin how long the factory may take to know of it; ms
   */
  async goOut(leave: () => unknown, noticedWithin = 0): Promise<number> {
    const { recorder, workspace, grace } = this.#options;
    const goneAt = Date.now();
    await leave();
    await workspace.becomes('paused', grace + noticedWithin + SLACK);
    await recorder.settled();
    const pauses = this.#pauses().filter(({ at }) => at >= goneAt);
    expect(pauses.map(({ role }) => role).sort()).toEqual(['container', 'node']);
    for (const { at } of pauses) expect(at).toBeGreaterThanOrEqual(goneAt + grace);
    return Math.max(...pauses.map(({ at }) => at)) - goneAt - grace;
  }

  #pauses(): readonly DockerEvent[] {
    const { recorder, instance, user } = this.#options;
    return recorder.of(instance, { user, action: 'pause' });
  }
}
