import type { Backend, Controllers } from '../backend/backend.ts';
import type { EngineHost, GarbageSurroundings } from '../backend/engine-host.ts';
import { circumstancesOf } from '../backend/live-circumstances.ts';

/** The engine of this very process. `innerAuthorizedKey`: of its gateway, one line of authorized_keys. */
export function localBackend(host: EngineHost, innerAuthorizedKey: string): Backend {
  return {
    ...host,
    runtime: { ...host.runtime, ...host.runtimeFor(innerAuthorizedKey) },
    garbage: (controllers) => host.garbage(surroundingsOf(controllers)),
  };
}

function surroundingsOf({ workspaces, routes }: Controllers): GarbageSurroundings {
  const known = () => workspaces.snapshots().map(({ key }) => key);
  return {
    circumstances: () => circumstancesOf(workspaces.snapshots(), Date.now()),
    known,
    routes: {
      // Those of workspaces without a controller went at the start.
      keys: () => known().filter((key) => routes.current(key) !== undefined),
      remove: (key, signal) => routes.remove(key, signal),
    },
  };
}
