import type { WorkspaceKey } from '../../../src/names/workspace-key.ts';
import type { Routes } from '../../../src/workspaces/ports/routes.ts';
import type { Expected, Visited } from '../../e2e/harness/visitors.ts';
import type { Random } from '../../soak/random.ts';
import { PlainApp, type PlainAppOptions } from './plain-app.ts';

type State = 'absent' | 'running' | 'paused' | 'stopped';
type Step = 'come' | 'pause' | 'resume' | 'stop' | 'start' | 'go';

/** Those that lead on twice as often as the end. */
const STEPS: Readonly<Record<State, readonly Step[]>> = {
  absent: ['come'],
  running: ['pause', 'stop', 'go'],
  paused: ['resume', 'resume', 'stop', 'go'],
  stopped: ['start', 'start', 'go'],
};

export interface PlainWorkspaceOptions extends PlainAppOptions {
  /** Resolves when who visits this host has the answers to all requests of before. */
  readonly answered: (host: string) => Promise<void>;
}

/** A workspace whose cluster is one plain container. Its route changes in the factory's own order: asleep first, awake while it is resumed, and when it has started. */
export class PlainWorkspace implements Visited {
  readonly host: string;
  readonly #key: WorkspaceKey;
  readonly #routes: Routes;
  readonly #options: PlainWorkspaceOptions;
  readonly #signal: AbortSignal;
  /** Of all its containers, one after the other. */
  readonly #nonces = new Set<string>();
  #app: PlainApp | undefined;
  #state: State = 'absent';
  #expected: Expected = 'nobody';
  #changes = 0;

  constructor(host: string, routes: Routes, options: PlainWorkspaceOptions, signal: AbortSignal) {
    this.host = host;
    this.#key = options.key;
    this.#routes = routes;
    this.#options = options;
    this.#signal = signal;
  }

  /** From when a change of the route has resolved until the next begins. */
  get expected(): Expected {
    return this.#expected;
  }

  get changes(): number {
    return this.#changes;
  }

  isOwn(says: string): boolean {
    return this.#nonces.has(says);
  }

  async come(): Promise<void> {
    await this.#take('come');
  }

  async step(random: Random): Promise<void> {
    const steps = STEPS[this.#state];
    await this.#take(steps[random.integer(0, steps.length - 1)] ?? 'go');
  }

  /** Whatever its state. */
  async go(): Promise<void> {
    if (this.#state !== 'absent') await this.#take('go');
  }

  async #take(step: Step): Promise<void> {
    switch (step) {
      case 'come':
        this.#app = await PlainApp.start(this.#options, this.#signal);
        this.#nonces.add(this.#app.nonce);
        return this.#awake();
      case 'resume':
        return this.#awake((app) => app.unpause());
      case 'start':
        await this.#starting((app) => app.startAgain());
        return this.#awake();
      case 'pause':
        return this.#asleep('paused', (app) => app.pause());
      case 'stop':
        return this.#asleep('stopped', (app) => app.stop());
      case 'go':
        await this.#asleep('absent', (app) => app.remove());
        this.#expect(undefined);
        await this.#routes.remove(this.#key, this.#signal);
        this.#expect('nobody');
    }
  }

  async #awake(wake: (app: PlainApp) => Promise<void> = async () => undefined): Promise<void> {
    const app = this.#running;
    this.#expect(undefined);
    await Promise.all([wake(app), this.#routeTo('awake', app)]);
    this.#expect(app.nonce);
    this.#state = 'running';
  }

  /** Nothing but the question of an authority is let through to what does not listen yet. */
  async #starting(start: (app: PlainApp) => Promise<void>): Promise<void> {
    const app = this.#running;
    await Promise.all([start(app), this.#routeTo('starting', app)]);
  }

  async #routeTo(kind: 'starting' | 'awake', { address }: PlainApp): Promise<void> {
    const addresses = { ingress: address, api: { host: address, port: 6443 } };
    await this.#routes.set(this.#key, { kind, addresses }, this.#signal);
  }

  async #asleep(state: State, end: (app: PlainApp) => Promise<void>): Promise<void> {
    this.#expect(undefined);
    await this.#routes.set(this.#key, { kind: 'asleep' }, this.#signal);
    this.#expect('asleep');
    // Those that Traefik led to the container before the change: one that is paused or stopped meanwhile would not answer them.
    await this.#options.answered(this.host);
    await end(this.#running);
    this.#state = state;
  }

  get #running(): PlainApp {
    if (this.#app === undefined) throw new Error(`${this.host} has no container`);
    return this.#app;
  }

  #expect(expected: Expected): void {
    this.#expected = expected;
    this.#changes++;
  }
}
