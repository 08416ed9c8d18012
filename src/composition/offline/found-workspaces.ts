import { createDockerEngine } from '../../docker-engine/docker-engine.ts';
import { instanceObjects } from '../../inventory/instance-objects.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../../names/workspace-key.ts';
import { readInstanceId } from '../instance-id-file.ts';

/** A workspace as Docker's labels tell of it; states in Docker's words: running, paused, exited, … */
export interface FoundWorkspace {
  readonly key: WorkspaceKey;
  /** Undefined: there is no container. */
  readonly container: string | undefined;
  /** One for each node of its cluster. */
  readonly nodes: readonly string[];
}

/** What a factory of this data folder has in Docker, whether one runs or not; sorted by name. Rejects with `DOCKER_UNAVAILABLE`. */
export async function findWorkspaces(data: string, signal: AbortSignal): Promise<readonly FoundWorkspace[]> {
  const instance = await readInstanceId(data);
  if (instance === undefined) return [];
  const objects = await instanceObjects(createDockerEngine(), instance, signal);
  const found = new Map<string, FoundWorkspace>();
  for (const { kind, key, role, state } of objects) {
    if (kind !== 'container' || key === undefined) continue;
    const name = formatWorkspaceKey(key);
    const { container, nodes } = found.get(name) ?? { container: undefined, nodes: [] };
    const isNode = role === 'node';
    found.set(name, {
      key,
      container: isNode ? container : state,
      nodes: isNode ? [...nodes, state] : nodes,
    });
  }
  return [...found].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, workspace]) => workspace);
}
