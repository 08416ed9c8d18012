import { createDockerEngine } from '../docker-engine/docker-engine.ts';
import { workspaceOfLabels } from '../docker-engine/workspace-labels.ts';
import { LABEL } from '../names/docker-names.ts';
import { formatWorkspaceKey, type WorkspaceKey } from '../names/workspace-key.ts';
import { readInstanceId } from './instance-id-file.ts';

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
  const containers = await createDockerEngine().call({
    what: 'list its containers',
    signal,
    request: (docker, abortSignal) =>
      docker.listContainers({
        all: true,
        filters: { label: [`${LABEL.instance}=${instance}`] },
        abortSignal,
      }),
  });
  const found = new Map<string, FoundWorkspace>();
  for (const { Labels, State } of containers) {
    const key = workspaceOfLabels(Labels);
    if (key === undefined) continue;
    const name = formatWorkspaceKey(key);
    const { container, nodes } = found.get(name) ?? { container: undefined, nodes: [] };
    const isNode = Labels[LABEL.role] === 'node';
    found.set(name, {
      key,
      container: isNode ? container : State,
      nodes: isNode ? [...nodes, State] : nodes,
    });
  }
  return [...found].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, workspace]) => workspace);
}
