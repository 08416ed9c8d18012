import type { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { FactoryError } from '../errors/factory-error.ts';
import type { HookDefinition, LabDefinition } from '../labs/lab-definition.ts';
import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import type { Cause } from '../workspaces/ports/events.ts';
import type { Configuration, HookSession, Hooks } from '../workspaces/ports/hooks.ts';
import type { SessionEnd } from '../workspaces/workspace-access.ts';
import type { Courier, CourierOptions } from './delivery/courier.ts';
import { Lanes } from './delivery/lanes.ts';
import { Waits } from './delivery/waits.ts';
import { type StoredConfiguration, toConfiguration } from './ledger/configurations.ts';
import type { HookLedger, ResolveLab } from './ledger/hook-ledger.ts';
import type { Delivery } from './ledger/outbox.ts';
import { SteadyWrites } from './ledger/steady-writes.ts';
import type { CleanupCause } from './messages/hook-body.ts';
import type { HookOffice } from './office/hook-office.ts';
import { LedgerOffice } from './office/ledger-office.ts';

export interface LabHooksOptions {
  readonly database: DatabaseSync;
  readonly ledger: HookLedger;
  readonly courier: (onInitialized: CourierOptions['onInitialized']) => Courier;
  readonly resolve: ResolveLab;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Workspaces that are called for at one time. */
const SIDE_BY_SIDE = 8;
/** How long what is under way at the end may go on, ms. */
const CLOSE_LIMIT = 2_000;
/** Configurations that are kept read; each is up to 2 MiB. */
const MOST_READ = 64;
/** How long what was given up stays in the list, ms. */
const KEPT_FOR = 90 * 86_400_000;

/** So many times its timeout, and not longer than the second, a session waits for `initialization`; ms. */
const WAITED_TIMEOUTS = 3;
const LONGEST_WAIT = 60_000;

const NOT_PREPARED =
  'The lab could not be prepared for you: what has to be done before does not get done. Try again in a few minutes; if it stays so, tell the operator.';

/** The port `Hooks` over the file: what is written there is delivered from there. */
export class LabHooks implements Hooks, AsyncDisposable {
  readonly office: HookOffice;
  readonly #options: LabHooksOptions;
  readonly #lanes: Lanes;
  readonly #writes: SteadyWrites;
  readonly #waits: Waits;
  readonly #read = new LRUCache<string, Configuration>({ max: MOST_READ });
  readonly #stop = new AbortController();

  constructor(options: LabHooksOptions) {
    const { ledger, clock, resolve } = options;
    this.#options = options;
    this.#writes = new SteadyWrites(options);
    this.#waits = new Waits(clock);
    const onInitialized = (configuration: string, failure?: string) =>
      this.#waits.settle(configuration, failure);
    const courier = options.courier(onInitialized);
    this.#lanes = new Lanes({
      turn: (key) => courier.turn(key, this.#stop.signal),
      limit: SIDE_BY_SIDE,
      clock,
    });
    const wake = (key: WorkspaceKey) => this.#wake(key);
    this.office = new LedgerOffice({ ledger, resolve, wake, onInitialized });
  }

  recover(): void {
    const { ledger, resolve, clock } = this.#options;
    this.#writes.run(() => {
      ledger.recover(resolve);
      ledger.prune(clock.now() - KEPT_FOR);
      for (const key of ledger.outbox.workspaces()) this.#wake(key);
    });
  }

  configured(key: WorkspaceKey): Configuration | undefined {
    try {
      const found = this.#options.ledger.configurations.current(key);
      return found?.state === 'open' ? this.#configurationOf(found) : undefined;
    } catch (error) {
      this.#options.logger.error({ err: error }, 'the configuration of a workspace can not be read');
      return undefined;
    }
  }

  openConfigurations(): readonly WorkspaceKey[] {
    try {
      return this.#options.ledger.configurations.workspaces();
    } catch (error) {
      this.#options.logger.error({ err: error }, 'the configurations of workspaces can not be read');
      return [];
    }
  }

  async configure(
    key: WorkspaceKey,
    lab: LabDefinition,
    session: HookSession,
    signal: AbortSignal,
  ): Promise<Configuration> {
    signal.throwIfAborted();
    const { initialization } = lab.hooks;
    const open = this.configured(key);
    if (open !== undefined) return open;
    if (initialization === undefined) return toConfiguration('');
    try {
      return await this.#initialize(key, initialization, session, signal);
    } catch (error) {
      signal.throwIfAborted();
      const workspace = formatWorkspaceKey(key);
      if (initialization.required) throw failed(error);
      this.#options.logger.warn(
        { err: error, workspace },
        'the workspace goes on without its initialization',
      );
      return toConfiguration('');
    }
  }

  sessionBegan(key: WorkspaceKey, lab: LabDefinition, session: HookSession, first: boolean): void {
    this.#tell(key, (ledger) => ledger.began(key, lab, session, first));
  }

  sessionEnded(
    key: WorkspaceKey,
    lab: LabDefinition | undefined,
    session: HookSession,
    reason: SessionEnd,
    last: boolean,
  ): void {
    this.#tell(key, (ledger) => ledger.ended(key, lab, session, reason, last));
  }

  graceOver(key: WorkspaceKey, lab: LabDefinition | undefined, cause: Cause): void {
    this.#tell(key, (ledger) => this.#forget(ledger.close(key, lab, cleanupCause(cause))));
  }

  deleted(key: WorkspaceKey, lab: LabDefinition | undefined): void {
    this.#tell(key, (ledger) => this.#forget(ledger.deleted(key, lab)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { clock, database } = this.#options;
    this.#writes[Symbol.dispose]();
    using _limit = clock.schedule(CLOSE_LIMIT, () => this.#stop.abort());
    await this.#lanes.close();
    this.#stop.abort();
    database.close();
  }

  async #initialize(
    key: WorkspaceKey,
    initialization: HookDefinition,
    session: HookSession,
    signal: AbortSignal,
  ): Promise<Configuration> {
    const { ledger, clock } = this.#options;
    // What happened before must stand before it, as the end of an earlier configuration does.
    if (!this.#writes.catchUp()) throw notPrepared(undefined);
    const opened = ledger.open(key, session);
    if (opened.state === 'open') return this.#configurationOf(opened);
    const isSettled = this.#waits.wait(opened.id, waitFor(initialization, opened, clock.now()), signal);
    ledger.hurry(key);
    this.#wake(key);
    const why = (await isSettled) ?? whatHoldsUp(ledger.outbox.head(key));
    const settled = ledger.configurations.find(opened.id);
    if (settled?.state === 'open') return this.#configurationOf(settled);
    if (initialization.required) throw notPrepared(settled, why);
    return toConfiguration(opened.id);
  }

  #tell(key: WorkspaceKey, write: (ledger: HookLedger) => void): void {
    this.#writes.run(() => {
      write(this.#options.ledger);
      this.#wake(key);
    });
  }

  #wake(key: WorkspaceKey): void {
    this.#lanes.wake(key);
  }

  /** A configuration that is closed is waited for no longer. */
  #forget(configuration: string | undefined): void {
    if (configuration === undefined) return;
    this.#read.delete(configuration);
    this.#waits.settle(configuration);
  }

  #configurationOf({ id }: StoredConfiguration): Configuration {
    const found = this.#read.get(id);
    if (found !== undefined) return found;
    const read = toConfiguration(id, this.#options.ledger.configurations.answer(id));
    this.#read.set(id, read);
    return read;
  }
}

/** How long from now on; who need not wait does so only once. ms */
function waitFor(
  { timeout, required }: HookDefinition,
  { openedAt }: StoredConfiguration,
  now: number,
): number {
  const limit = Math.min(timeout * WAITED_TIMEOUTS, LONGEST_WAIT);
  return required ? limit : Math.max(0, openedAt + limit - now);
}

/** In the words that receivers know. */
function cleanupCause({ kind }: Cause): CleanupCause {
  return kind === 'command' || kind === 'memory_pressure' ? kind : 'grace';
}

/** What is next, which may be of before: all else waits for it. */
function whatHoldsUp(head: Delivery | undefined): string | undefined {
  return head?.lastError === undefined ? undefined : `${head.hook}: ${head.lastError}`;
}

/** `why`: for the operator. */
function notPrepared(configuration: StoredConfiguration | undefined, why?: string): FactoryError {
  const outcome =
    configuration?.state === 'pending' ? 'initialization was not answered in time' : 'initialization failed';
  const detail = why === undefined ? outcome : `${outcome}: ${why}`;
  return new FactoryError('HOOK_FAILED', NOT_PREPARED, { detail });
}

function failed(error: unknown): FactoryError {
  if (error instanceof FactoryError) return error;
  return new FactoryError('HOOK_FAILED', NOT_PREPARED, { cause: error });
}
