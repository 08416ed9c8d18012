import type { DockerEngine } from '../docker-engine/docker-engine.ts';
import { workspaceOfLabels } from '../docker-engine/workspace-labels.ts';
import { LABEL } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';

/** A Docker object with this factory's label. */
export interface FactoryObject {
  readonly kind: 'container' | 'network' | 'volume';
  readonly name: string;
  /** As its label says; see `LABEL.role`. */
  readonly role: string;
  /** Undefined where its labels name none. */
  readonly key: WorkspaceKey | undefined;
  /** When it was made; ms since 1970. */
  readonly madeAt: number;
}

type Labels = Readonly<Record<string, string | undefined>> | null | undefined;

/** All of one factory. Rejects with what Docker's calls reject with. */
export async function factoryObjects(
  engine: DockerEngine,
  instance: InstanceId,
  signal: AbortSignal,
): Promise<readonly FactoryObject[]> {
  const filters = { label: [`${LABEL.instance}=${instance}`] };
  return await engine.call({
    what: 'list what belongs to this factory',
    signal,
    request: async (docker, abortSignal) => {
      const [containers, networks, { Volumes: volumes }] = await Promise.all([
        docker.listContainers({ all: true, filters, abortSignal }),
        docker.listNetworks({ filters, abortSignal }),
        docker.listVolumes({ filters, abortSignal }),
      ]);
      return [
        ...containers.map(({ Names, Id, Labels, Created }) =>
          object('container', Names[0]?.slice(1) ?? Id, Labels, Created * 1000),
        ),
        ...networks.map(({ Name, Labels, Created }) =>
          object('network', Name, Labels, Date.parse(Created ?? '')),
        ),
        ...volumes.map(({ Name, Labels, ...more }) => object('volume', Name, Labels, madeAt(more))),
      ];
    },
  });
}

function object(kind: FactoryObject['kind'], name: string, labels: Labels, madeAt: number): FactoryObject {
  return { kind, name, role: labels?.[LABEL.role] ?? '', key: workspaceOfLabels(labels), madeAt };
}

/** The API tells when a volume was made, and dockerode's types do not. */
function madeAt(volume: object): number {
  return 'CreatedAt' in volume ? Date.parse(String(volume.CreatedAt)) : Number.NaN;
}
