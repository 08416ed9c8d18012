import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { labNamed } from '../../src/labs/testing/lab-named.ts';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import type { ExecStream, SshdTransport } from '../../src/workspaces/ports/runtime.ts';
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
  WorkspaceAccess,
  WorkspaceGlance,
} from '../../src/workspaces/workspace-access.ts';

/** Workspaces in memory; what their parts do is set from the test. */
export class FakeWorkspaces implements WorkspaceAccess {
  readonly holders = new Set<LeaseHolder>();
  /** Every lease there was. */
  readonly taken: WorkspaceKey[] = [];
  readonly resets: WorkspaceKey[] = [];
  readonly clusterResets: WorkspaceKey[] = [];
  readonly clients: string[] = [];
  readonly channels = new Set<OpenChannel>();
  readonly noticeListeners = new Set<(notice: SessionNotice) => void>();
  readonly ends: SessionEnd[] = [];
  news: LifecycleNews = { deletedAt: undefined, deletedAfter: undefined };
  extend: (ms: number) => number = () => 0;
  limit: SessionLimit | undefined;
  sessions: OpenSession[] = [];
  message = '';
  /** Whom the container's sshd is asked for. */
  user = 'root';
  releases = 0;
  inputs = 0;
  /** How often a session was said to work in its workspace. */
  uses = 0;
  openSshd: (signal: AbortSignal, key: WorkspaceKey) => Promise<SshdTransport>;
  containerReady: (signal: AbortSignal) => Promise<void> = async () => {};
  clusterReady: (signal: AbortSignal) => Promise<void> = async () => {};
  #container: Phase = { kind: 'ready' };
  #cluster: Phase = { kind: 'ready' };
  readonly #listeners = new Set<() => void>();

  constructor(openSshd: (signal: AbortSignal) => Promise<SshdTransport>) {
    this.openSshd = openSshd;
  }

  set phases({ container, cluster }: { container?: Phase; cluster?: Phase }) {
    this.#container = container ?? this.#container;
    this.#cluster = cluster ?? this.#cluster;
    for (const listener of this.#listeners) listener();
  }

  glances: Readonly<Record<string, WorkspaceGlance>> = {};

  glance({ lab }: WorkspaceKey): WorkspaceGlance {
    return this.glances[lab] ?? 'new';
  }

  lease(key: WorkspaceKey, holder: LeaseHolder): Lease {
    this.holders.add(holder);
    this.taken.push(key);
    const fake = this;
    const ownListeners = new Set<(notice: SessionNotice) => void>();
    return {
      key,
      lab: { ...labNamed(key.lab), container: { ...labNamed(key.lab).container, user: this.user } },
      holder,
      containerReady: (signal) => this.containerReady(signal),
      clusterReady: (signal) => this.clusterReady(signal),
      containerPhase: () => this.#container,
      clusterPhase: () => this.#cluster,
      onPhaseChange: (listener) => {
        this.#listeners.add(listener);
        return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
      },
      env: () => ({}),
      leftBehindAfter: 0,
      openSshd: (signal) => this.openSshd(signal, key),
      exec: async (command) => runHere(command),
      resetContainer: async () => {
        this.resets.push(key);
      },
      publicKubeconfig: async () => 'apiVersion: v1\nkind: Config\n',
      urls: { http: `http://${key.user}.lab.example.org`, https: `https://${key.user}.lab.example.org` },
      resetCluster: async () => {
        this.clusterResets.push(key);
      },
      noteUse: () => {
        this.uses += 1;
      },
      noteInput: () => {
        this.inputs += 1;
      },
      noteClient: (name) => this.clients.push(name),
      noteChannel: (channel) => {
        const open = { ...channel };
        this.channels.add(open);
        return { [Symbol.dispose]: () => this.channels.delete(open) };
      },
      onNotice: (listener) => {
        this.noticeListeners.add(listener);
        ownListeners.add(listener);
        return { [Symbol.dispose]: () => this.noticeListeners.delete(listener) };
      },
      endsAt: undefined,
      sessions: this.sessions,
      get limit() {
        return fake.limit;
      },
      extend: (ms) => this.extend(ms),
      takeMessage: () => this.message,
      lifecycleNews: () => this.news,
      release: (reason = 'closed') => {
        this.ends.push(reason);
        this.releases += 1;
        this.holders.delete(holder);
        for (const listener of ownListeners) this.noticeListeners.delete(listener);
      },
    };
  }
}

function runHere([file = 'true', ...args]: readonly string[]): ExecStream {
  const child = spawn(file, args);
  const stderr = child.stderr.pipe(new PassThrough());
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr,
    resize: async () => {},
    exit: async () => {
      const [code] = await once(child, 'close');
      return typeof code === 'number' ? code : 255;
    },
    close: () => void child.kill(),
  };
}
