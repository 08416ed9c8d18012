import { leaveNetwork } from '../../../docker-engine/network-leaving.ts';
import type { ClusterAttachment } from '../../../workspaces/ports/runtime.ts';
import { loginOf } from '../container-spec.ts';
import { inspectContainer } from '../container-state.ts';
import { putKubeconfig } from '../files/kubeconfig-file.ts';
import { notRunning } from '../sessions/container-sessions.ts';
import type { WorkspaceObjects } from '../workspace-objects.ts';

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
  const { engine, names } = objects;
  if (current !== undefined) {
    const what = "take the container out of its cluster's network";
    await leaveNetwork(engine, network, names.container, what, signal);
  }
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
