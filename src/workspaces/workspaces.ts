import { FactoryError } from '../errors/factory-error.ts';
import { type LabDefinition, type Lifecycle, NOTHING_GIVEN } from '../labs/lab-definition.ts';
import type { LabResolver } from '../labs/lab-resolver.ts';
import type { Logger } from '../logging/logger.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import type { Clock } from '../time/clock.ts';
import { assertMayBeCarriedOut, carryOut } from './carry-out.ts';
import { MemoryPressure, type MemoryPressureOptions } from './memory-pressure.ts';
import { PhaseListeners } from './phase-listeners.ts';
import type { Events } from './ports/events.ts';
import type { HostMemory } from './ports/host-memory.ts';
import type { WorkspaceRecords } from './ports/records.ts';
import { WorkspaceLease } from './sessions/workspace-lease.ts';
import type { Lease, LeaseHolder, WorkspaceAccess, WorkspaceGlance } from './workspace-access.ts';
import { MAKING, type WorkspaceCommand } from './workspace-command.ts';
import { WorkspaceController, type WorkspacePorts } from './workspace-controller.ts';
import { workspaceEvents } from './workspace-events.ts';
import type { WorkspaceSnapshot } from './workspace-snapshot.ts';

export interface WorkspacesOptions {
  readonly ports: WorkspacePorts;
  readonly events: Events;
  readonly records: WorkspaceRecords;
  /** Watched for shortage, where it is given. */
  readonly memory?: Pick<MemoryPressureOptions, 'reserve' | 'lookEvery'> & { readonly host: HostMemory };
  readonly labs: LabResolver;
  /** For workspaces whose lab is no longer defined. */
  readonly defaultLifecycle: Lifecycle;
  readonly urls: (key: WorkspaceKey) => Lease['urls'];
  readonly clock: Clock;
  /** In [0, 1), for the jitter of tries. */
  readonly random: () => number;
  readonly logger: Logger;
}

/** All workspaces of this factory: one controller each, made when first asked for or found. */
export class Workspaces implements WorkspaceAccess {
  readonly #options: WorkspacesOptions;
  readonly #controllers = new Map<string, WorkspaceController>();
  readonly #listeners = new PhaseListeners();
  readonly #closing = new AbortController();
  #acceptsLeases = true;

  constructor(options: WorkspacesOptions) {
    this.#options = options;
    if (options.memory !== undefined) this.#watchMemory(options.memory);
  }

  lease(key: WorkspaceKey, holder: LeaseHolder): Lease {
    if (!this.#acceptsLeases) {
      throw new FactoryError(
        'SHUTTING_DOWN',
        'The lab is being restarted; please connect again in a minute.',
      );
    }
    const { ports, labs, urls, clock } = this.#options;
    const lab = this.#resolve(key);
    if (lab === undefined) {
      throw new FactoryError('LAB_UNKNOWN', `There is no lab "${key.lab}" here.`);
    }
    return new WorkspaceLease({
      controller: this.#controller(key),
      lab,
      ports,
      holder,
      urls: urls(key),
      sessionEnv: (given, session) => labs.sessionEnv(key, given, session),
      clock,
    });
  }

  /**
   * Takes over what exists: after a crash there are no sessions, so whatever runs enters its grace time now and is suspended
   * by the ordinary path. Call once, before the first lease is asked for.
   */
  async adopt(signal: AbortSignal): Promise<void> {
    const { runtime, clusters, hooks } = this.#options.ports;
    const found = await Promise.all([
      runtime.list(signal),
      clusters.list(signal),
      hooks.openConfigurations(),
    ]);
    for (const key of found.flat()) this.#controller(key).wake();
  }

  /** Something outside changed for this workspace; those unknown here are adopted. */
  wake(key: WorkspaceKey): void {
    if (!this.#closing.signal.aborted) this.#controller(key).wake();
  }

  /** Changes outside may have been missed, and what failed may have failed for want of an engine that is back now. */
  wakeAll(): void {
    for (const controller of this.#controllers.values()) controller.wakeNow();
  }

  /** Groups or labs have changed. */
  labsChanged(): void {
    for (const controller of this.#controllers.values()) controller.labChanged();
  }

  /** Whether the workspace is known: found by `adopt`, or leased since. */
  has(key: WorkspaceKey): boolean {
    return this.#controllers.has(formatWorkspaceKey(key));
  }

  /** Undefined: it is not known. */
  snapshot(key: WorkspaceKey): WorkspaceSnapshot | undefined {
    return this.#controllers.get(formatWorkspaceKey(key))?.snapshot();
  }

  /** Calls `listener` after each change of a phase of the workspace, also of one that becomes known only later. */
  onPhaseChange(key: WorkspaceKey, listener: () => void): Disposable {
    return this.#listeners.add(key, listener);
  }

  /** As `Lease.extend`, for all sessions of the workspace. Throws `EXTENSION_REFUSED`. */
  extend(key: WorkspaceKey, ms: number): number {
    const [session] = this.#controllers.get(formatWorkspaceKey(key))?.leases ?? [];
    if (session === undefined) throw new FactoryError('EXTENSION_REFUSED', 'Nobody is connected.');
    return session.extend(ms);
  }

  /** Every workspace that is known: found by `adopt`, or leased since. */
  snapshots(): readonly WorkspaceSnapshot[] {
    return [...this.#controllers.values()].map((controller) => controller.snapshot());
  }

  /**
   * Carries out a command; `by`: who gave it. Resolves when what it asks for is so. Rejects with `WORKSPACE_UNKNOWN`,
   * `WORKSPACE_IN_USE`, `LAB_WITHOUT_CLUSTER`, and the error of a step that fails; what was ordered is tried again even so.
   */
  async command(
    key: WorkspaceKey,
    command: WorkspaceCommand,
    by: string,
    signal: AbortSignal,
  ): Promise<void> {
    const controller = this.#controllerFor(key, command);
    assertMayBeCarriedOut(controller, command);
    const { clock, events } = this.#options;
    workspaceEvents(key, events, clock).commanded(command, by);
    await carryOut(controller, command, by, clock, signal);
  }

  glance(key: WorkspaceKey): WorkspaceGlance {
    const known = this.snapshot(key);
    if (known === undefined) return 'new';
    const parts = [known.container, known.cluster].filter((part) => part !== undefined);
    if (known.desire.state === 'awake') {
      const isOfUse = parts.every(({ phase }) => phase.kind === 'ready' || phase.kind === 'down');
      return isOfUse ? 'running' : 'waking';
    }
    const state = known.container.observed?.state ?? 'absent';
    return state === 'absent' || state === 'incomplete' ? 'new' : state;
  }

  stopAccepting(): void {
    this.#acceptsLeases = false;
  }

  /** Aborts what is under way and resolves when it has ended. Workspaces stay as they are: the next start adopts them. */
  async close(): Promise<void> {
    this.stopAccepting();
    this.#closing.abort(
      new FactoryError('SHUTTING_DOWN', 'The lab is being restarted; please connect again in a minute.'),
    );
    await Promise.all([...this.#controllers.values()].map((controller) => controller.close()));
  }

  #watchMemory({ host, ...watch }: NonNullable<WorkspacesOptions['memory']>): void {
    const { clock, events } = this.#options;
    new MemoryPressure({
      memory: host,
      ...watch,
      controllers: () => this.#controllers.values(),
      onRelief: ({ key }, available) => workspaceEvents(key, events, clock).memoryPressure(available),
      clock,
      signal: this.#closing.signal,
    });
  }

  /** Only what wakes it can be asked of a workspace that is not there yet. */
  #controllerFor(key: WorkspaceKey, { kind }: WorkspaceCommand): WorkspaceController {
    const known = this.#controllers.get(formatWorkspaceKey(key));
    const isThere = known !== undefined && (known.exists || known.leases.size > 0);
    if (isThere || (MAKING.has(kind) && this.#resolve(key) !== undefined)) return this.#controller(key);
    throw new FactoryError(
      'WORKSPACE_UNKNOWN',
      `There is no workspace ${formatWorkspaceKey(key)}; see \`factory status\` for those there are.`,
    );
  }

  /** Throws `LAB_INVALID`. */
  #resolve(key: WorkspaceKey): LabDefinition | undefined {
    const { labs, ports } = this.#options;
    return labs.resolve(key, ports.hooks.configured(key) ?? NOTHING_GIVEN);
  }

  #controller(key: WorkspaceKey): WorkspaceController {
    const name = formatWorkspaceKey(key);
    const known = this.#controllers.get(name);
    if (known !== undefined) return known;
    const { ports, events, records, labs, defaultLifecycle, clock, random, logger } = this.#options;
    const controller = new WorkspaceController({
      key,
      resolve: (given) => labs.resolve(key, given),
      defaultLifecycle,
      ports,
      events,
      records,
      clock,
      random,
      logger,
      signal: this.#closing.signal,
    });
    controller.onPhaseChange(() => this.#listeners.tell(key));
    this.#controllers.set(name, controller);
    return controller;
  }
}
