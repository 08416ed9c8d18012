import { type Given, type LabDefinition, NOTHING_GIVEN } from '../labs/lab-definition.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import { orAborted } from '../time/or-aborted.ts';
import type { Configuration, HookSession, Hooks } from './ports/hooks.ts';
import type { Phase } from './workspace-access.ts';

export interface InitializationOptions {
  readonly key: WorkspaceKey;
  readonly hooks: Hooks;
  /** Something of the phase has changed. */
  readonly onChange: () => void;
  readonly clock: Clock;
  /** Ends the wait for an answer; the delivery goes on, for whoever asks next. */
  readonly signal: AbortSignal;
}

/** What people read of it while they wait. */
export const PREPARING = 'preparing your lab';

/** An answer takes its hook's timeout and a few tries; what a person is told of the time, at most; ms. */
const LONGEST = 60_000;

/** What a lab's `initialization` has answered for a workspace, or will. */
export class Initialization {
  readonly #options: InitializationOptions;
  #asked: Promise<Configuration> | undefined;
  #askedSince: number | undefined;
  /** How to ask again; undefined: the last answer was good, or there is none yet. */
  #askAgain: (() => void) | undefined;

  constructor(options: InitializationOptions) {
    this.#options = options;
  }

  /** Undefined: nobody was asked, or there is no answer yet. */
  get configuration(): Configuration | undefined {
    return this.#options.hooks.configured(this.#options.key);
  }

  get given(): Given {
    return this.configuration ?? NOTHING_GIVEN;
  }

  /** While an answer is waited for; else undefined. */
  get phase(): Phase | undefined {
    const since = this.#askedSince;
    if (since === undefined) return undefined;
    return { kind: 'working', action: 'connect', step: PREPARING, since, overdueAt: since + LONGEST };
  }

  /** Asks on behalf of this session, where that is to be done and is not under way. Never waits. */
  begin(lab: LabDefinition, session: HookSession): void {
    if (this.#askedSince !== undefined) return;
    this.#asked = undefined;
    if (lab.hooks.initialization === undefined || this.configuration !== undefined) return;
    const { key, hooks, clock, signal, onChange } = this.#options;
    const asked = hooks.configure(key, lab, session, signal);
    this.#asked = asked;
    this.#askedSince = clock.now();
    this.#askAgain = undefined;
    const over = (askAgain: (() => void) | undefined): void => {
      if (this.#asked !== asked) return;
      this.#askedSince = undefined;
      this.#askAgain = askAgain;
      onChange();
    };
    asked.then(
      () => over(undefined),
      () => over(() => this.begin(lab, session)),
    );
  }

  /** What was given is of no use any more; whoever comes next asks anew. */
  end(): void {
    this.#asked = undefined;
    this.#askedSince = undefined;
    this.#askAgain = undefined;
  }

  /** As `ready`, and where the last try has failed it begins the next one: for steps, which are tried again. */
  readyOrAgain(signal: AbortSignal): Promise<unknown> | undefined {
    this.#askAgain?.();
    return this.ready(signal);
  }

  /**
   * Undefined: nobody was asked, so there is nothing to wait for. Else resolves when it was answered; rejects with `HOOK_FAILED`, and
   * when `signal` aborts.
   */
  ready(signal: AbortSignal): Promise<unknown> | undefined {
    return this.#asked === undefined ? undefined : orAborted(this.#asked, signal);
  }
}
