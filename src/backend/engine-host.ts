import type { GarbageCollector } from '../control/garbage-schema.ts';
import type { Circumstances } from '../inventory/orphans.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import type { Runtime } from '../workspaces/ports/runtime.ts';
import type { Backend } from './backend.ts';

/** What of the runtime takes the public half of the gateway's key, one line of authorized_keys. */
export type KeyedRuntime = Pick<Runtime, 'create' | 'openSshd'>;

/**
 * The host with the Docker engine, by itself: it has no key of a gateway and no controllers. Both are given with what is asked of
 * it, by the gateway of the same process, or of another one, which may be killed and come back at any time.
 */
export interface EngineHost extends Omit<Backend, 'runtime' | 'garbage'> {
  readonly runtime: Omit<Runtime, keyof KeyedRuntime>;
  runtimeFor(innerAuthorizedKey: string): KeyedRuntime;
  garbage(surroundings: GarbageSurroundings): GarbageCollector;
}

/** What the controllers know. */
export interface GarbageSurroundings {
  readonly circumstances: () => Circumstances;
  /** Workspaces that have or had a controller. */
  readonly known: () => readonly WorkspaceKey[];
  readonly routes: {
    keys(): readonly WorkspaceKey[];
    remove(key: WorkspaceKey, signal: AbortSignal): Promise<void>;
  };
}
