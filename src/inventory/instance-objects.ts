import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { workspaceOfLabels } from '../docker-engine/workspace-labels.ts';
import { LABEL } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';

/** A Docker object with the label of an instance of the factory. */
export interface InstanceObject {
  readonly kind: 'container' | 'network' | 'volume';
  readonly name: string;
  /** As its label says; see `LABEL.role`. */
  readonly role: string;
  /** Undefined where its labels name none. */
  readonly key: WorkspaceKey | undefined;
  /** When it was made, ms since the epoch; NaN where Docker does not say. */
  readonly madeAt: number;
  /** Of a container, in Docker's words: running, paused, exited, …; else empty. */
  readonly state: string;
}

type Labels = Readonly<Record<string, string | undefined>> | null | undefined;

/** All objects of one instance, whatever their state, sorted by name. Rejects with what Docker's calls reject with. */
export async function instanceObjects(
  engine: DockerEngine,
  instance: InstanceId,
  signal: AbortSignal,
): Promise<readonly InstanceObject[]> {
  const filters = { label: [`${LABEL.instance}=${instance}`] };
  const [containers, networks, { Volumes: volumes }] = await engine.call({
    what: 'list what belongs to this factory',
    signal,
    request: (docker, abortSignal) =>
      Promise.all([
        docker.listContainers({ all: true, filters, abortSignal }),
        docker.listNetworks({ filters, abortSignal }),
        docker.listVolumes({ filters, abortSignal }),
      ]),
  });
  return [
    ...containers.map(({ Names, Id, Labels, Created, State }) => ({
      ...described('container', Names[0]?.slice(1) ?? Id, Labels, Created * 1000),
      state: State,
    })),
    ...networks.map(({ Name, Labels, Created }) =>
      described('network', Name, Labels, Date.parse(Created ?? '')),
    ),
    ...volumes.map(({ Name, Labels, ...more }) => described('volume', Name, Labels, madeAt(more))),
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function described(
  kind: InstanceObject['kind'],
  name: string,
  labels: Labels,
  madeAt: number,
): InstanceObject {
  const role = labels?.[LABEL.role] ?? '';
  return { kind, name, role, key: workspaceOfLabels(labels), madeAt, state: '' };
}

/** The API tells when a volume was made, and dockerode's types do not. */
function madeAt(volume: object): number {
  return 'CreatedAt' in volume ? Date.parse(String(volume.CreatedAt)) : Number.NaN;
}
