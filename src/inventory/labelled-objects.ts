import type { DockerEngine } from '../docker-engine/docker-engine.ts';

export interface LabelledObject {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | undefined>>;
}

/** Sorted by name. */
export interface Labelled {
  readonly containers: readonly LabelledObject[];
  readonly networks: readonly LabelledObject[];
  readonly volumes: readonly LabelledObject[];
}

/** Everything in Docker, whatever its state, that carries `label` ("key=value"). */
export async function labelledObjects(
  engine: DockerEngine,
  label: string,
  signal: AbortSignal,
): Promise<Labelled> {
  const filters = { label: [label] };
  const [containers, networks, volumes] = await Promise.all([
    engine.call({
      what: 'list its containers',
      signal,
      request: (docker, abortSignal) => docker.listContainers({ all: true, filters, abortSignal }),
    }),
    engine.call({
      what: 'list its networks',
      signal,
      request: (docker, abortSignal) => docker.listNetworks({ filters, abortSignal }),
    }),
    engine.call({
      what: 'list its volumes',
      signal,
      request: (docker, abortSignal) => docker.listVolumes({ filters, abortSignal }),
    }),
  ]);
  return {
    containers: sorted(containers.map(({ Id, Names, Labels }) => [Names[0]?.slice(1) ?? Id, Labels])),
    networks: sorted(networks.map(({ Name, Labels }) => [Name, Labels])),
    volumes: sorted(volumes.Volumes.map(({ Name, Labels }) => [Name, Labels])),
  };
}

function sorted(
  found: readonly (readonly [string, Readonly<Record<string, string>> | null | undefined])[],
): readonly LabelledObject[] {
  return found
    .map(([name, labels]) => ({ name, labels: labels ?? {} }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
