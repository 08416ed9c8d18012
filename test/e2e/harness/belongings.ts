import { LABEL } from '../../../src/names/docker-names.ts';
import { containersWith, docker, dockerLines } from './docker.ts';

/** Names of Docker objects, volumes without a name of their own among them. */
export interface Belongings {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

/** All that a factory has in Docker: what carries its label, and what its containers and clusters use. */
export async function belongingsOf(instance: string): Promise<Belongings> {
  const label = `${LABEL.instance}=${instance}`;
  const containers = await containersWith(label);
  const clusters = containers.flatMap((container) => container.Config.Labels?.['k3d.cluster'] ?? []);
  const mounted = await Promise.all(containers.map(({ Id }) => volumesOfContainer(Id)));
  const networks = containers.flatMap((container) => Object.keys(container.NetworkSettings.Networks));
  const byLabel = (...kind: string[]) =>
    dockerLines([...kind, '--filter', `label=${label}`, '--format', '{{.Name}}']);
  return {
    containers: containers.map(({ Id }) => Id),
    volumes: distinct([
      ...mounted.flat(),
      ...(await byLabel('volume', 'ls')),
      ...clusters.map((name) => `k3d-${name}-images`),
    ]),
    networks: distinct([
      ...networks.filter((name) => !['bridge', 'host', 'none'].includes(name)),
      ...(await byLabel('network', 'ls')),
      ...clusters.map((name) => `k3d-${name}`),
    ]),
  };
}

/** Those of `belongings` that Docker still has. */
export async function whatIsLeftOf(belongings: Belongings): Promise<readonly string[]> {
  const [containers, volumes, networks] = await Promise.all([
    dockerLines(['ps', '--all', '--quiet', '--no-trunc']),
    dockerLines(['volume', 'ls', '--quiet']),
    dockerLines(['network', 'ls', '--format', '{{.Name}}']),
  ]);
  return [
    ...belongings.containers.filter((id) => containers.includes(id)),
    ...belongings.volumes.filter((name) => volumes.includes(name)),
    ...belongings.networks.filter((name) => networks.includes(name)),
  ];
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

async function volumesOfContainer(id: string): Promise<readonly string[]> {
  const format = '{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}';
  const names = await docker(['inspect', '--format', format, id]);
  return names.split('\n').filter((name) => name !== '');
}
