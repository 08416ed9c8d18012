import { workspaceLabels } from '../../src/docker-engine/workspace-labels.ts';
import { dockerNames } from '../../src/names/docker-names.ts';
import type { InstanceId } from '../../src/names/instance-id.ts';
import type { WorkspaceKey } from '../../src/names/workspace-key.ts';
import { docker } from '../e2e/harness/docker.ts';
import { WHOAMI_IMAGE } from '../e2e/harness/set-up.ts';

/**
 * Containers that look like the nodes of a finished cluster to everybody who goes by names, labels and volumes, and have no
 * Kubernetes in them. They run. `nodes`: "server-0", "agent-0".
 */
export async function makeFakeNodes(
  instance: InstanceId,
  key: WorkspaceKey,
  nodes: readonly string[],
): Promise<void> {
  const { cluster } = dockerNames(instance, key);
  for (const node of nodes) {
    const labels = {
      ...workspaceLabels(instance, key, 'node'),
      'k3d.cluster': cluster,
      'k3d.role': node.split('-')[0],
      'k3d.cluster.network.iprange': '10.213.15.0/28',
      'ssh-lab-factory.agents': String(nodes.filter((name) => name.startsWith('agent')).length),
    };
    await docker([
      ...['run', '--detach', '--network', 'none', '--name', `k3d-${cluster}-${node}`],
      ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
      ...['--volume', '/var/lib/rancher/k3s', '--volume', '/var/lib/kubelet', WHOAMI_IMAGE],
    ]);
  }
}

/** The names of the volumes of the nodes that there are. */
export async function volumesOfNodes(instance: InstanceId, key: WorkspaceKey): Promise<readonly string[]> {
  const label = `label=k3d.cluster=${dockerNames(instance, key).cluster}`;
  const ids = (await docker(['ps', '--all', '--quiet', '--filter', label])).split('\n').filter(Boolean);
  if (ids.length === 0) return [];
  const format = '{{range .Mounts}}{{.Name}}\n{{end}}';
  const names = await docker(['inspect', '--format', format, ...ids]);
  return names.split('\n').filter(Boolean).sort();
}
