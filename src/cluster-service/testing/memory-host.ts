import { setTimeout as delay } from 'node:timers/promises';
import type { BackendWatcher } from '../../backend/backend.ts';
import type { EngineHost } from '../../backend/engine-host.ts';
import { MemoryFronts } from '../../containerssh/testing/memory-fronts.ts';
import { parseInstanceId } from '../../names/instance-id.ts';
import { VirtualClock } from '../../time/testing/virtual-clock.ts';
import { key } from '../../workspaces/testing/harness.ts';
import type { MemoryStep } from '../../workspaces/testing/memory-part.ts';
import { World } from '../../workspaces/testing/world.ts';

/** How fast the world's time goes. */
const SPEED = 100;
const TICK = 5;

/** An engine in memory, with a workspace in it. A creation takes 80 ms. It outlives the services that are started over it. */
export class MemoryHost implements AsyncDisposable {
  readonly clock = new VirtualClock();
  /** The steps that began, in order. */
  readonly begun: MemoryStep[] = [];
  readonly world = new World(this.clock, (_part, step) => void this.begun.push(step));
  readonly fronts = new MemoryFronts();
  readonly watchers = new Set<BackendWatcher>();
  readonly host: EngineHost;
  readonly #ticking: Promise<void>;
  #isOver = false;

  constructor() {
    this.#ticking = this.#tick();
    const runtime = this.world.runtime(key);
    const instance = parseInstanceId('abcd1234');
    if (instance === undefined) throw new Error('an instance id');
    this.host = {
      instance,
      runtime,
      runtimeFor: () => runtime,
      clusters: this.world.clusters(key),
      fronts: this.fronts,
      memory: { available: async () => 1_000 },
      proxy: {
        ports: { http: 80, https: 443, kube: 6443 },
        api: 'http://127.0.0.1:1',
        revive: async () => {},
      },
      follow: (watcher, signal) => this.#follow(watcher, signal),
      garbage: () => ({
        list: async () => ({ orphans: [] }),
        collect: async () => ({ removed: [], failed: [] }),
      }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#ticking;
  }

  async #tick(): Promise<void> {
    while (!this.#isOver) {
      await this.clock.advance(TICK * SPEED);
      await delay(TICK);
    }
  }

  #follow(watcher: BackendWatcher, signal: AbortSignal): Promise<void> {
    this.watchers.add(watcher);
    watcher.onConnected();
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.watchers.delete(watcher);
        resolve();
      });
    });
  }
}
