import { FactoryError } from '../../errors/factory-error.ts';
import { type Given, type LabDefinition, type Lifecycle, NOTHING_GIVEN } from '../../labs/lab-definition.ts';
import type { SessionFacts } from '../../labs/lab-resolver.ts';
import type { WorkspaceKey } from '../../names/workspace-key.ts';
import type { Clock } from '../../time/clock.ts';
import { inWords } from '../../words/time-span.ts';
import type { ExecStream, SshdTransport } from '../ports/runtime.ts';
import type {
  Lease,
  LeaseHolder,
  LifecycleNews,
  OpenChannel,
  OpenSession,
  Phase,
  SessionEnd,
  SessionLimit,
  SessionNotice,
} from '../workspace-access.ts';
import type { WorkspaceController, WorkspacePorts } from '../workspace-controller.ts';
import type { HeldLease } from './held-lease.ts';
import { maxSessionEnd, type SessionTimes, sessionDue, sessionEndsAt } from './session-limits.ts';
import { sharedLimit } from './shared-limit.ts';

export interface WorkspaceLeaseOptions {
  readonly controller: WorkspaceController;
  /** As it was defined when the session began. */
  readonly lab: LabDefinition;
  readonly ports: WorkspacePorts;
  readonly holder: LeaseHolder;
  readonly urls: Lease['urls'];
  /** The lab's variables for one session. Throws `LAB_INVALID`. */
  readonly sessionEnv: (given: Given, session: SessionFacts) => Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** A `Lease` on one controller; it holds from its construction until `release`. */
export class WorkspaceLease implements Lease, HeldLease {
  readonly key: WorkspaceKey;
  readonly holder: LeaseHolder;
  readonly urls: Lease['urls'];
  readonly since: number;
  readonly channels = new Set<OpenChannel>();
  lastInput: number;
  client: string;
  readonly #controller: WorkspaceController;
  readonly #ports: WorkspacePorts;
  readonly #lab: LabDefinition;
  readonly #sessionEnv: WorkspaceLeaseOptions['sessionEnv'];
  readonly #clock: Clock;
  readonly #subscriptions = new Set<Disposable>();
  readonly #listeners = new Set<(notice: SessionNotice) => void>();
  #extension = 0;
  #lookedAt: number;
  #timer: Disposable | undefined;
  #used = false;
  #told = false;
  #released = false;

  constructor({ controller, lab, ports, holder, urls, sessionEnv, clock }: WorkspaceLeaseOptions) {
    this.key = controller.key;
    this.holder = holder;
    this.urls = urls;
    this.#controller = controller;
    this.#ports = ports;
    this.#lab = lab;
    this.#sessionEnv = sessionEnv;
    this.#clock = clock;
    this.since = clock.now();
    this.lastInput = this.since;
    this.#lookedAt = this.since;
    this.client = holder.clientProgram;
    controller.hold(this);
    this.#look();
  }

  get lab(): LabDefinition {
    return this.#controller.lab ?? this.#lab;
  }

  containerReady(signal: AbortSignal): Promise<void> {
    return this.#controller.containerReady(signal);
  }

  clusterReady(signal: AbortSignal): Promise<void> {
    return this.#controller.clusterReady(signal);
  }

  containerPhase(): Phase {
    return this.#controller.containerPhase;
  }

  clusterPhase(): Phase {
    return this.#controller.clusterPhase;
  }

  onPhaseChange(listener: () => void): Disposable {
    const subscription = this.#controller.onPhaseChange(listener);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** What a hook gave takes the place of what the lab says. */
  env(): Readonly<Record<string, string>> {
    const { configuration } = this.#controller;
    const { session: id, clientAddress } = this.holder;
    const own = this.#sessionEnv(configuration ?? NOTHING_GIVEN, { id, clientAddress });
    return { ...own, ...configuration?.env };
  }

  openSshd(signal: AbortSignal): Promise<SshdTransport> {
    return this.#ports.runtime.openSshd(this.key, this.env(), signal);
  }

  exec(
    command: readonly string[],
    pty: { columns: number; rows: number; term: string } | undefined,
    signal: AbortSignal,
  ): Promise<ExecStream> {
    return this.#ports.runtime.exec(this.key, command, pty, signal);
  }

  resetContainer(signal: AbortSignal): Promise<void> {
    return this.#controller.reset('container', this.key.user, signal);
  }

  resetCluster(signal: AbortSignal): Promise<void> {
    return this.#controller.reset('cluster', this.key.user, signal);
  }

  async publicKubeconfig(signal: AbortSignal): Promise<string> {
    await this.clusterReady(signal);
    return this.#ports.clusters.publicKubeconfig(this.key, signal);
  }

  noteUse(): void {
    if (this.#used || this.#released) return;
    this.#used = true;
    this.#controller.used();
  }

  noteInput(): void {
    this.lastInput = this.#clock.now();
  }

  noteClient(name: string): void {
    this.client = name;
  }

  noteChannel(channel: OpenChannel): Disposable {
    // A copy: two channels that look alike are two.
    const open = { ...channel };
    this.channels.add(open);
    return { [Symbol.dispose]: () => this.channels.delete(open) };
  }

  onNotice(listener: (notice: SessionNotice) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  notify(notice: SessionNotice): void {
    for (const listener of [...this.#listeners]) listener(notice);
  }

  get endsAt(): number | undefined {
    return sessionEndsAt(this.#times, this.#rules);
  }

  get leftBehindAfter(): number {
    return this.lab.lifecycle.leftBehindAfter;
  }

  get sessions(): Iterable<OpenSession> {
    return this.#controller.leases;
  }

  get ownLimit(): SessionLimit | undefined {
    const endsAt = maxSessionEnd(this.#times, this.#rules);
    return endsAt === undefined
      ? undefined
      : { endsAt, left: Math.max(0, this.#rules.maxExtension - this.#extension) };
  }

  get limit(): SessionLimit | undefined {
    return sharedLimit(this.#controller.leases);
  }

  putOff(ms: number): void {
    this.#extension += ms;
    this.#look();
  }

  extend(ms: number): number {
    const before = this.limit;
    if (before === undefined) throw refused('This lab sets no end to your session.');
    if (this.#rules.maxExtension === 0)
      throw refused(`In this lab a session cannot be made longer. ${AGAIN}`);
    if (before.left === 0)
      throw refused(`Your session was made longer by all that this lab allows. ${AGAIN}`);
    if (ms > before.left) throw refused(`It can be made longer by ${inWords(before.left)} at most. ${AGAIN}`);
    for (const session of this.#controller.leases) session.putOff(ms);
    return this.limit?.endsAt ?? before.endsAt + ms;
  }

  takeMessage(): string {
    if (this.#told) return '';
    this.#told = true;
    return this.#controller.configuration?.message ?? '';
  }

  lifecycleNews(): LifecycleNews {
    return this.#controller.lifecycleNews();
  }

  release(reason: SessionEnd = 'closed'): void {
    if (this.#released) return;
    this.#released = true;
    this.#timer?.[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#listeners.clear();
    this.#controller.release(this, reason);
  }

  get #rules(): Pick<Lifecycle, 'idleDisconnect' | 'maxSession' | 'maxExtension'> {
    return this.lab.lifecycle;
  }

  get #times(): SessionTimes {
    const { since, lastInput } = this;
    return { since, lastInput, extension: this.#extension, lookedAt: this.#lookedAt };
  }

  /** Input does not move the timer: it comes with every key. The timer finds out, and is set anew. */
  #look(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#released) return;
    const now = this.#clock.now();
    const { notices, lookAgainAt } = sessionDue(this.#times, this.#rules, now);
    this.#lookedAt = now;
    if (lookAgainAt !== undefined) {
      this.#timer = this.#clock.schedule(lookAgainAt - now, () => this.#look());
    }
    for (const notice of notices) this.notify(notice);
  }
}

/** What ends is a session and nothing in it. */
const AGAIN = 'When it has ended, connect again at any time; everything is as you left it.';

function refused(message: string): FactoryError {
  return new FactoryError('EXTENSION_REFUSED', message);
}
