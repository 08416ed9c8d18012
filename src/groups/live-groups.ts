import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigSource } from '../config/config-source.ts';
import type { GroupConfig } from '../config/factory-config.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { asFactoryError } from '../errors/factory-error.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import type { LabName } from '../names/lab-name.ts';
import type { Username } from '../names/username.ts';
import type { Clock } from '../time/clock.ts';
import { type ConfigState, judgeReload } from './config-state.ts';
import { FileWatch } from './file-watch.ts';
import { GroupIndex, type Groups } from './groups.ts';

export interface LiveGroupsOptions {
  readonly source: ConfigSource;
  /** Those that this factory was started with. */
  readonly labs: readonly LabName[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the files are looked at though nothing said that they changed; ms. */
  readonly lookEvery?: number;
}

/** ms */
const LOOK_EVERY = 2_000;
/** Files are read when they stayed as they are for so long: who writes them may not be done; ms. */
const SETTLED = 150;
/** Somebody who never stops to write is not waited for; looks of `SETTLED` each. */
const MOST_LOOKS = 10;

/**
 * The groups as the configuration file and its rosters have them now: both are read again when they change. Files with a mistake
 * are not taken; those before them stay in force until the mistake is mended, and `state` says so, as the log does.
 */
export class LiveGroups implements Groups, AsyncDisposable {
  readonly #options: LiveGroupsOptions;
  readonly #logger: Logger;
  readonly #watch = new FileWatch(() => this.#wake());
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #listeners = new Set<() => void>();
  #inForce: LoadedConfig;
  #index: GroupIndex;
  #state: ConfigState;
  /** Of the files when they were read last. */
  #read = '';
  #isDue = false;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #nextLook: Disposable | undefined;

  private constructor(options: LiveGroupsOptions, signal: AbortSignal) {
    const { source, clock, logger } = options;
    this.#options = options;
    this.#logger = logger;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#inForce = source.loaded;
    this.#index = new GroupIndex(source.loaded.config.groups);
    this.#state = { readAt: clock.now(), problem: undefined, needsRestart: [] };
  }

  /** Watches until `signal` aborts or it is disposed. What changed since the configuration was read is seen at once. */
  static open(options: LiveGroupsOptions, signal: AbortSignal): LiveGroups {
    const groups = new LiveGroups(options, signal);
    groups.#follow();
    groups.#wake();
    groups.#lookLater();
    return groups;
  }

  all(): readonly GroupConfig[] {
    return this.#inForce.config.groups;
  }

  of(user: Username): readonly GroupConfig[] {
    return this.#index.of(user);
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  get state(): ConfigState {
    return this.#state;
  }

  /** The configuration that the groups in force are from. */
  get inForce(): LoadedConfig {
    return this.#inForce;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the factory stops'));
    this.#nextLook?.[Symbol.dispose]();
    await this.#running;
    this.#watch[Symbol.dispose]();
  }

  #follow(): void {
    const rosters = this.all().flatMap(({ roster }) => roster?.file ?? []);
    this.#watch.follow([this.#options.source.file, ...new Set(rosters)]);
  }

  /** The files may have changed. What comes while they are read leads to one more reading. */
  #wake(): void {
    this.#isDue = true;
    if (this.#isRunning || this.#signal.aborted) return;
    this.#isRunning = true;
    this.#running = this.#readWhileDue().finally(() => {
      this.#isRunning = false;
    });
  }

  async #readWhileDue(): Promise<void> {
    while (this.#isDue && !this.#signal.aborted) {
      this.#isDue = false;
      this.#read = await this.#settled();
      if (!this.#signal.aborted) await this.#reload();
    }
  }

  /** Resolves with the fingerprint of files that nobody writes any more, or early when it is to end. */
  async #settled(): Promise<string> {
    let before = await this.#watch.fingerprint();
    for (let look = 0; look < MOST_LOOKS && !this.#signal.aborted; look += 1) {
      await delay(SETTLED, undefined, { signal: this.#signal }).catch(() => undefined);
      const now = await this.#watch.fingerprint();
      if (now === before) break;
      before = now;
    }
    return before;
  }

  /** Again and again, as what watches files misses some. A mistake may lie in a file that nobody watches yet. */
  #lookLater(): void {
    const { clock, lookEvery = LOOK_EVERY } = this.#options;
    this.#nextLook = clock.schedule(lookEvery, async () => {
      this.#follow();
      const isChanged = (await this.#watch.fingerprint()) !== this.#read;
      if (this.#signal.aborted) return;
      if (isChanged || this.#state.problem !== undefined) this.#wake();
      this.#lookLater();
    });
  }

  async #reload(): Promise<void> {
    const { source, labs } = this.#options;
    try {
      const found = await source.reload(labs);
      this.#take(found);
    } catch (thrown) {
      this.#refuse(thrown);
    }
    this.#follow();
  }

  #take(found: LoadedConfig): void {
    const { source, clock } = this.#options;
    const { areGroupsChanged, needsRestart } = judgeReload(source, this.#inForce, found);
    if (this.#state.problem !== undefined) this.#logger.info('the configuration has no mistake any more');
    if (needsRestart.length > 0 && needsRestart.join() !== this.#state.needsRestart.join()) {
      this.#logger.warn({ keys: needsRestart }, 'what changed here in the configuration needs a restart');
    }
    this.#state = { readAt: clock.now(), problem: undefined, needsRestart };
    // Also where nothing changed: lines of the file may have.
    this.#inForce = { ...found, config: { ...source.loaded.config, groups: found.config.groups } };
    this.#index = new GroupIndex(this.all());
    if (!areGroupsChanged) return;
    for (const { file, line, message } of found.remarks) this.#logger.warn({ file, line }, message);
    const groups = this.all().map(({ name, members }) => ({ name, members: members.length }));
    this.#logger.info({ groups }, 'the groups were read again');
    for (const listener of this.#listeners) listener();
  }

  #refuse(thrown: unknown): void {
    const error = asFactoryError(thrown);
    const { problem } = this.#state;
    if (problem?.message === error.message) return;
    logFailure(this.#logger, error, { kept: 'the groups as they were before' });
    this.#state = {
      ...this.#state,
      problem: { message: error.message, since: problem?.since ?? this.#options.clock.now() },
    };
  }
}
