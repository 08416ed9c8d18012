import { FactoryError } from '../../errors/factory-error.ts';
import type { Logger } from '../../logging/logger.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import type { Clock } from '../../time/clock.ts';
import { printable } from '../../words/printable.ts';
import type { Clusters } from '../../workspaces/ports/clusters.ts';
import type { LeaseHolder, SessionEnd } from '../../workspaces/workspace-access.ts';
import type { FrontContainer, FrontContainers } from '../front-containers.ts';
import { otherWorkspace, restarting, sessionEnded } from '../front-errors.ts';
import {
  type FrontConnection,
  type FrontLaunch,
  type FrontSessions,
  LONGEST_SAID,
} from '../front-sessions.ts';
import { ContainerJobs } from './container-jobs.ts';
import { type FrontLease, FrontSession } from './front-session.ts';
import { LookOut } from './look-out.ts';

export interface FrontLeasesOptions {
  readonly workspaces: {
    /** As that of `WorkspaceAccess`. */
    lease(key: WorkspaceKey, holder: LeaseHolder): FrontLease;
  };
  readonly containers: FrontContainers;
  readonly clusters: Pick<Clusters, 'attachment'>;
  /** What people call a client, by its SSH identification string. */
  readonly clientName: (identification: string) => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a session may be without a container, from the last call of `open` on: ContainerSSH asks again for 60 s. ms */
const CLAIM = 90_000;

/** How long a container without processes is left to ContainerSSH, which removes its own 0.3–2 s after a clean end; ms. */
const ENDED = 10_000;

/** Even where no event came, so often it is looked at what there is; ms. */
const LOOK_EVERY = 30_000;

/**
 * The leases of a ContainerSSH in front, which never says that a connection is over. So the containers that exist are the truth: each
 * look compares them with the sessions and brings these into line. Events and deadlines only say when to look.
 */
export class FrontLeases implements FrontSessions, AsyncDisposable {
  readonly #options: FrontLeasesOptions;
  readonly #sessions = new Map<string, FrontSession>();
  readonly #closing = new AbortController();
  readonly #jobs: ContainerJobs;
  readonly #lookOut: LookOut;

  constructor(options: FrontLeasesOptions) {
    this.#options = options;
    const { clock, logger } = options;
    const wake = () => this.wake();
    this.#jobs = new ContainerJobs({ logger, signal: this.#closing.signal, onDone: wake });
    this.#lookOut = new LookOut(clock, () => this.#lookOn());
  }

  async open(connection: FrontConnection, signal: AbortSignal): Promise<FrontLaunch> {
    signal.throwIfAborted();
    const session = this.#claim(connection);
    const { ended } = session;
    await session.lease?.containerReady(AbortSignal.any([signal, ended]));
    ended.throwIfAborted();
    session.lease?.noteUse();
    const env = session.lease?.env() ?? {};
    const until = AbortSignal.any([signal, ended]);
    const launch = await this.#options.containers.launch(session.connection, env, until);
    // From now on the front may make its container.
    this.#claim(connection);
    return launch;
  }

  close(connectionId: string): void {
    const session = this.#sessions.get(connectionId);
    if (session !== undefined) this.#end(session, 'closed');
  }

  /**
   * The sessions of containers that are there get their leases. Call once, before anything else and before workspaces without a
   * session may be suspended. Rejects as `FrontContainers.list`.
   */
  async adopt(signal: AbortSignal): Promise<void> {
    this.#judge(await this.#options.containers.list(signal));
  }

  /** Something may have changed: a container came, went or changed its state. */
  wake(): void {
    this.#lookOut.wantedAt(this.#options.clock.now());
  }

  /** The sessions go on, without this factory: their containers are there for the next one. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(restarting());
    await this.#lookOut.close();
    await this.#jobs.settled();
  }

  /** With its lease, which it gets here unless it has one. Throws as `WorkspaceAccess.lease`. */
  #claim(connection: FrontConnection): FrontSession {
    this.#closing.signal.throwIfAborted();
    const session = this.#sessions.get(connection.id) ?? new FrontSession(connection);
    if (!isSame(session.connection.key, connection.key)) throw otherWorkspace();
    if (session.lease === undefined) this.#hold(session);
    this.#sessions.set(connection.id, session);
    const until = this.#options.clock.now() + CLAIM;
    session.claim(until);
    this.#lookOut.wantedAt(until);
    return session;
  }

  #hold(session: FrontSession): FrontLease {
    const { workspaces, clientName } = this.#options;
    const { key } = session.connection;
    const holder = holderOf(session.connection);
    const lease = workspaces.lease(key, holder);
    lease.noteClient(`${clientName(holder.clientProgram)} through ContainerSSH`);
    lease.onNotice((notice) => {
      if (notice.kind === 'over') this.#end(session, notice.because);
    });
    lease.onPhaseChange(() => {
      if (lease.clusterPhase().kind !== 'ready') session.equipped = new Set();
      else this.wake();
    });
    session.lease = lease;
    return lease;
  }

  #end(session: FrontSession, reason: SessionEnd): void {
    session.end(reason, sessionEnded(), this.#options.clock.now() + CLAIM);
    this.wake();
  }

  async #lookOn(): Promise<void> {
    try {
      this.#judge(await this.#options.containers.list(this.#closing.signal));
    } catch (err) {
      if (this.#closing.signal.aborted) return;
      this.#options.logger.warn({ err }, 'could not look at the containers of the front; it is tried again');
      this.#lookOut.wantedAt(this.#options.clock.now() + LOOK_EVERY);
    }
  }

  #judge(found: readonly FrontContainer[]): void {
    if (this.#closing.signal.aborted) return;
    const now = this.#options.clock.now();
    this.#lookOut.wantedAt(now + LOOK_EVERY);
    const byConnection = Map.groupBy(found, ({ connection }) => connection.id);
    for (const [id, [first]] of byConnection) {
      if (first !== undefined && !this.#sessions.has(id))
        this.#sessions.set(id, new FrontSession(first.connection));
    }
    for (const [id, session] of this.#sessions) this.#judgeOne(session, byConnection.get(id) ?? [], now);
  }

  #judgeOne(session: FrontSession, containers: readonly FrontContainer[], now: number): void {
    const { id } = session.connection;
    const leftBehind = session.lease?.leftBehindAfter ?? Number.POSITIVE_INFINITY;
    const { end, live, remove, lookAgainAt, isForgotten } = session.judge(containers, now, {
      ended: ENDED,
      leftBehind,
    });
    for (const container of remove) this.#remove(container);
    if (lookAgainAt !== undefined && lookAgainAt > now) this.#lookOut.wantedAt(lookAgainAt);
    if (isForgotten) this.#sessions.delete(id);
    if (end === undefined) this.#goOn(session, live);
    // Left behind: what is there of it goes with it.
    else if (live.length > 0) this.#end(session, end);
    else session.release(end, sessionEnded());
  }

  #goOn(session: FrontSession, live: readonly FrontContainer[]): void {
    if (live.length === 0) return;
    const lease = session.lease ?? this.#adoptOne(session);
    if (lease === undefined) return;
    // Nobody tells what is typed there; as long as something runs, it counts.
    if (live.some(({ busy }) => busy)) lease.noteInput();
    if (lease.clusterPhase().kind !== 'ready') return;
    for (const container of live) if (container.state === 'running') this.#equip(session, container);
  }

  /** Undefined: nobody can have a session there, or not now. */
  #adoptOne(session: FrontSession): FrontLease | undefined {
    try {
      return this.#hold(session);
    } catch (err) {
      const { logger } = this.#options;
      logger.warn({ err, connection: session.connection.id }, 'a container of the front can have no session');
      if (err instanceof FactoryError && err.code === 'LAB_UNKNOWN') this.#end(session, 'lost');
      return undefined;
    }
  }

  #equip({ connection: { key }, equipped }: FrontSession, { id }: FrontContainer): void {
    if (equipped.has(id)) return;
    const { clusters, containers } = this.#options;
    this.#jobs.begin(id, 'put the kubeconfig into a container of the front', async (signal) => {
      const { kubeconfig } = await clusters.attachment(key, signal);
      await containers.putKubeconfig({ id, key }, kubeconfig, signal);
      equipped.add(id);
    });
  }

  #remove({ id }: FrontContainer): void {
    const { containers } = this.#options;
    this.#jobs.begin(id, 'remove a container of the front', (signal) => containers.remove(id, signal));
  }
}

/** What comes from a client is printed to terminals and in logs. */
function holderOf({ id, clientAddress, clientProgram }: FrontConnection): LeaseHolder {
  return {
    session: id,
    clientAddress: printable(clientAddress, LONGEST_SAID),
    clientProgram: printable(clientProgram, LONGEST_SAID),
  };
}

function isSame(one: WorkspaceKey, other: WorkspaceKey): boolean {
  return formatWorkspaceKey(one) === formatWorkspaceKey(other);
}
