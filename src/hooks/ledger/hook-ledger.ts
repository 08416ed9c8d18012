import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Standing } from '../../groups/standing.ts';
import type { Given, HookName, LabDefinition } from '../../labs/lab-definition.ts';
import type { Username } from '../../names/username.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { inTransaction } from '../../sqlite/migrate.ts';
import type { Clock } from '../../time/clock.ts';
import type { HookSession } from '../../workspaces/ports/hooks.ts';
import type { SessionEnd } from '../../workspaces/workspace-access.ts';
import { NO_ANSWER } from '../delivery/verdict.ts';
import type { HookAnswer } from '../messages/answer-schema.ts';
import type { CleanupCause } from '../messages/hook-body.ts';
import { hookMessage, type Telling } from '../messages/hook-message.ts';
import { Configurations, type StoredConfiguration } from './configurations.ts';
import type { Faults, Write } from './fault-points.ts';
import { type Delivery, Outbox } from './outbox.ts';
import { SessionRows } from './session-rows.ts';

/** A lab as it is now; undefined where it is no longer defined. Throws where it can not be rendered. */
export type ResolveLab = (key: WorkspaceKey, given: Given) => LabDefinition | undefined;

type Wants = (hook: HookName) => boolean;

/** Hooks about sessions. */
const SESSION_HOOKS = ['first_session', 'session_start', 'session_end', 'last_session'] as const;

export interface HookLedgerOptions {
  readonly database: DatabaseSync;
  readonly standingOf: (user: Username) => Standing;
  /** The workspace's host: "alice.lab.example.org". */
  readonly hostOf: (key: WorkspaceKey) => string;
  readonly clock: Clock;
  readonly faults: Faults;
}

/**
 * What happened and which hooks follow from it, each written in one transaction: after a kill both are there or neither is. Methods
 * throw what SQLite throws; then nothing was written.
 */
export class HookLedger {
  readonly outbox: Outbox;
  readonly configurations: Configurations;
  readonly #sessions: SessionRows;
  readonly #options: HookLedgerOptions;
  /** Sessions that began, or went on, since the factory started. */
  readonly #here = new Set<string>();

  constructor(options: HookLedgerOptions) {
    this.#options = options;
    this.outbox = new Outbox(options.database);
    this.configurations = new Configurations(options.database);
    this.#sessions = new SessionRows(options.database);
  }

  /** The configuration that is open or pending, after opening one where there is none. */
  open(key: WorkspaceKey, session: HookSession): StoredConfiguration {
    const found = this.configurations.current(key);
    if (found !== undefined) return found;
    const id = newConfigurationId();
    const openedAt = this.#options.clock.now();
    return this.#write('enqueue', () => {
      this.configurations.insert(id, key, openedAt);
      this.#append(key, { type: 'initialization', session }, id);
      return { id, openedAt, state: 'pending' };
    });
  }

  began(key: WorkspaceKey, { hooks }: LabDefinition, session: HookSession, first: boolean): void {
    // Without `initialization` nobody else opens what `cleanup` is the end of.
    const isOpening =
      hooks.cleanup !== undefined &&
      hooks.initialization === undefined &&
      this.configurations.current(key) === undefined;
    const isFollowed = SESSION_HOOKS.some((hook) => hooks[hook] !== undefined);
    this.#here.add(session.id);
    // One that outlived the factory before, as those behind a ContainerSSH do, began then.
    if (!isOpening && (!isFollowed || this.#sessions.has(session.id))) return;
    const isFirst = first && hooks.first_session !== undefined;
    this.#write('enqueue', () => {
      if (isOpening) this.#insertOpen(key);
      const configuration = this.configurations.current(key)?.id;
      if (!isFollowed || this.#sessions.has(session.id)) return;
      this.#sessions.add(key, session);
      if (isFirst) this.#append(key, { type: 'first_session', session }, configuration);
      if (hooks.session_start !== undefined) {
        this.#append(key, { type: 'session_start', session }, configuration);
      }
    });
  }

  ended(
    key: WorkspaceKey,
    lab: LabDefinition | undefined,
    session: HookSession,
    cause: SessionEnd,
    last: boolean,
  ): void {
    this.#here.delete(session.id);
    const wants = wantedBy(lab);
    const isTold = wants('session_end') || (last && wants('last_session'));
    if (!isTold && !this.#sessions.has(session.id)) return;
    this.#write('enqueue', () => {
      this.#sessions.remove(session.id);
      this.#appendEnd(key, wants, session, cause, last);
    });
  }

  /** The sessions of a factory that was killed get their end, but for those that are here again. `resolve` may throw. */
  recover(resolve: ResolveLab): readonly WorkspaceKey[] {
    const all = this.#sessions.all();
    const ended = all.filter(({ session }) => !this.#here.has(session.id));
    if (ended.length === 0) return [];
    const last = new Map(ended.map((open) => [formatWorkspaceKey(open.key), open.session.id]));
    for (const { key, session } of all) if (this.#here.has(session.id)) last.delete(formatWorkspaceKey(key));
    return this.#write('recover', () => {
      for (const { key, session } of ended) {
        const isLast = last.get(formatWorkspaceKey(key)) === session.id;
        this.#appendEnd(key, this.#wantedIn(key, resolve), session, 'factory_killed', isLast);
        this.#sessions.remove(session.id);
      }
      return ended.map(({ key }) => key);
    });
  }

  /** The open or pending configuration is open no longer, and gets its `cleanup`. Where none is, nothing happens. */
  close(key: WorkspaceKey, lab: LabDefinition | undefined, cause: CleanupCause): string | undefined {
    const found = this.configurations.current(key);
    if (found === undefined) return undefined;
    return this.#write('close', () => {
      this.#close(found.id, key, lab, cause);
      return found.id;
    });
  }

  /** As `close`, and `delete` after it. */
  deleted(key: WorkspaceKey, lab: LabDefinition | undefined): string | undefined {
    const found = this.configurations.current(key);
    if (found === undefined && lab?.hooks.delete === undefined) return undefined;
    return this.#write('delete', () => {
      if (found !== undefined) this.#close(found.id, key, lab, 'deleted');
      if (lab?.hooks.delete !== undefined) this.#append(key, { type: 'delete' }, found?.id);
      return found?.id;
    });
  }

  /** It was delivered, or needs to be no longer. */
  settle({ id, hook, configuration }: Delivery, answer: HookAnswer | undefined): void {
    this.#write('settle', () => {
      this.outbox.remove(id);
      if (hook === 'initialization' && configuration !== undefined) {
        this.configurations.answered(configuration, answer ?? NO_ANSWER);
      }
      this.configurations.prune();
    });
  }

  postpone({ id }: Delivery, nextAt: number, reason: string): void {
    this.#write('postpone', () => this.outbox.postpone(id, nextAt, reason));
  }

  /** It stays in the list. The receiver of an `initialization` may have acted, so its configuration gets a `cleanup`. */
  giveUp(delivery: Delivery, lab: LabDefinition | undefined, reason: string): void {
    this.#write('give up', () => {
      this.outbox.giveUp(delivery.id, reason);
      this.#failed(delivery, lab);
    });
  }

  /** Nobody wants it any more. As `giveUp`, but it is gone. */
  drop(delivery: Delivery, lab: LabDefinition | undefined): void {
    this.#write('drop', () => {
      this.outbox.remove(delivery.id);
      if (delivery.state === 'waiting') this.#failed(delivery, lab);
      this.configurations.prune();
    });
  }

  /** An `initialization` that its receiver did not take: there is nothing to clean up. */
  refuse({ id, configuration }: Delivery): void {
    this.#write('refuse', () => {
      this.outbox.remove(id);
      if (configuration === undefined) return;
      this.configurations.close(configuration);
      this.outbox.removeCleanup(configuration);
      this.configurations.prune();
    });
  }

  /** They are tried now, and what is before them in their workspaces; what was given up waits again. */
  retry(deliveries: readonly Delivery[]): void {
    const now = this.#options.clock.now();
    this.#write('retry', () => {
      for (const { id, key, state } of deliveries) {
        if (state === 'given_up') this.outbox.revive(id, now);
        this.outbox.hurry(key, now);
      }
    });
  }

  /** Somebody waits: what is next in this workspace need not keep its pause. */
  hurry(key: WorkspaceKey): void {
    this.#write('hurry', () => this.outbox.hurry(key, this.#options.clock.now()));
  }

  /** Forgets what was given up before that time, ms since the epoch. */
  prune(before: number): void {
    this.#write('prune', () => this.outbox.prune(before));
  }

  #insertOpen(key: WorkspaceKey): void {
    const id = newConfigurationId();
    this.configurations.insert(id, key, this.#options.clock.now());
    this.configurations.answered(id, NO_ANSWER);
  }

  #failed({ hook, configuration, key }: Delivery, lab: LabDefinition | undefined): void {
    if (hook !== 'initialization' || configuration === undefined) return;
    this.#close(configuration, key, lab, 'initialization_failed');
  }

  #close(id: string, key: WorkspaceKey, lab: LabDefinition | undefined, cause: CleanupCause): void {
    const wasOpen = this.configurations.close(id);
    // Whoever closed it before has seen to its cleanup.
    if (wasOpen && lab?.hooks.cleanup !== undefined) this.#append(key, { type: 'cleanup', cause }, id);
    this.configurations.prune();
  }

  #appendEnd(key: WorkspaceKey, wants: Wants, session: HookSession, cause: SessionEnd, last: boolean): void {
    const configuration = this.configurations.current(key)?.id;
    if (wants('session_end')) this.#append(key, { type: 'session_end', session, cause }, configuration);
    if (last && wants('last_session')) {
      this.#append(key, { type: 'last_session', session, cause }, configuration);
    }
  }

  /** Of a lab that can not be rendered now it is seen when they are delivered. */
  #wantedIn(key: WorkspaceKey, resolve: ResolveLab): Wants {
    try {
      return wantedBy(resolve(key, this.configurations.given(this.configurations.current(key)?.id)));
    } catch {
      return () => true;
    }
  }

  #append(key: WorkspaceKey, telling: Telling, configuration: string | undefined): void {
    const { standingOf, hostOf, clock } = this.#options;
    const circumstances = {
      ...standingOf(key.user),
      key,
      host: hostOf(key),
      configuration,
      at: clock.now(),
    };
    this.outbox.append(hookMessage(telling, circumstances));
  }

  #write<T>(what: Write, work: () => T): T {
    const { database, faults } = this.#options;
    const result = inTransaction(database, () => {
      const written = work();
      faults.at(`${what}: before commit`);
      return written;
    });
    faults.at(`${what}: after commit`);
    return result;
  }
}

function wantedBy(lab: LabDefinition | undefined): Wants {
  return (hook) => lab?.hooks[hook] !== undefined;
}

function newConfigurationId(): string {
  return `cfg_${randomBytes(16).toString('hex')}`;
}
