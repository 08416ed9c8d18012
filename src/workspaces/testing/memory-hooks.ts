import type { HookName } from '../../labs/lab-definition.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { VirtualClock } from '../../time/testing/virtual-clock.ts';
import type { Configuration, Hooks } from '../ports/hooks.ts';

/** What was told to whom it concerns, in order. */
export interface HookCall {
  readonly hook: HookName;
  /** Of `initialization` and `cleanup`: the id of the configuration. */
  readonly configuration?: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** How long the receiver takes for an answer to `initialization`; ms. */
const ANSWER_AFTER = 700;

/** The port in memory: what it holds outlives the factory, as its file does. */
export class MemoryHooks implements Hooks {
  readonly calls: HookCall[] = [];
  readonly #mistakes = new Set<string>();
  /** The next so many initializations fail. */
  failures = 0;
  readonly #clock: VirtualClock;
  readonly #key: WorkspaceKey;
  readonly #onCleanup: () => void;
  #count = 0;
  #sessions = 0;
  #open: { readonly configuration: Configuration; answered: boolean } | undefined;

  /** `onCleanup`: called at the very moment at which there is something to clean up. */
  constructor(clock: VirtualClock, key: WorkspaceKey, onCleanup: () => void) {
    this.#clock = clock;
    this.#onCleanup = onCleanup;
    this.#key = key;
  }

  /** The factory was killed: all sessions ended. */
  killed(): void {
    this.#sessions = 0;
  }

  /** What must not be in what was told. */
  mistakes(): string[] {
    return [...this.#mistakes].map((mistake) => `hooks: ${mistake}`);
  }

  recover(): void {}

  configured(): Configuration | undefined {
    return this.#open?.answered === true ? this.#open.configuration : undefined;
  }

  openConfigurations: Hooks['openConfigurations'] = () => (this.#open === undefined ? [] : [this.#key]);

  configure: Hooks['configure'] = async (_key, _lab, _session, signal) => {
    if (this.#open === undefined) {
      this.#count += 1;
      const id = `c${this.#count}`;
      this.#open = { configuration: { id, values: {}, env: {}, files: [], message: id }, answered: false };
      this.#tell({ hook: 'initialization', configuration: id });
    }
    const open = this.#open;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    using _answer = this.#clock.schedule(ANSWER_AFTER, resolve);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    await promise;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the receiver is down');
    }
    open.answered = true;
    return open.configuration;
  };

  sessionBegan: Hooks['sessionBegan'] = (_key, _lab, _session, first) => {
    if (first !== (this.#sessions === 0))
      this.#mistakes.add(`first: ${first} with ${this.#sessions} sessions`);
    if (this.#open === undefined) this.#mistakes.add('a session began without an initialization');
    this.#sessions += 1;
    if (first) this.#tell({ hook: 'first_session' });
    this.#tell({ hook: 'session_start' });
  };

  sessionEnded: Hooks['sessionEnded'] = (_key, _lab, _session, _reason, last) => {
    this.#sessions -= 1;
    if (last !== (this.#sessions === 0)) this.#mistakes.add(`last: ${last} with ${this.#sessions} sessions`);
    this.#tell({ hook: 'session_end' });
    if (last) this.#tell({ hook: 'last_session' });
  };

  graceOver: Hooks['graceOver'] = () => {
    const configuration = this.#open?.configuration.id;
    this.#open = undefined;
    if (this.#sessions > 0) this.#mistakes.add('the grace time was over with somebody there');
    if (configuration === undefined) return;
    this.#onCleanup();
    this.#tell({ hook: 'cleanup', configuration });
  };

  deleted: Hooks['deleted'] = () => {
    this.#tell({ hook: 'delete' });
  };

  #tell(call: Pick<HookCall, 'hook' | 'configuration'>): void {
    this.calls.push({ ...call, at: this.#clock.now() });
  }
}
