import type { ClusterAttachment } from '../../workspaces/ports/runtime.ts';
import { notRunning } from './container-sessions.ts';
import { loginOf } from './container-spec.ts';
import { inspectContainer } from './container-state.ts';
import { putKubeconfig } from './kubeconfig-file.ts';
import { leaveNetwork } from './leave-network.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

export async function attachToCluster(
  objects: WorkspaceObjects,
  attachment: ClusterAttachment,
  signal: AbortSignal,
): Promise<void> {
  const container = await inspectContainer(objects, signal);
  if (container === undefined) throw notRunning();
  const endpoint = container.NetworkSettings.Networks[attachment.network];
  await Promise.all([
    joinNetwork(objects, attachment, endpoint?.IPAMConfig?.IPv4Address, signal),
    putKubeconfig(objects, loginOf(container), attachment.kubeconfig, signal),
  ]);
}

/** `current`: the address that was asked for when the container joined; undefined where it is not in the network. */
async function joinNetwork(
  objects: WorkspaceObjects,
  { network, address }: ClusterAttachment,
  current: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (current === address) return;
  if (current !== undefined) {
    await leaveNetwork(objects, network, "take the container out of its cluster's network", signal);
  }
  const { engine, names } = objects;
  await engine.call({
    what: "join the container to its cluster's network",
    signal,
    request: (docker, abortSignal) => {
      const EndpointConfig = { IPAMConfig: { IPv4Address: address } };
      const options = { Container: names.container, EndpointConfig, abortSignal };
      return docker.getNetwork(network).connect(options);
    },
  });
}
