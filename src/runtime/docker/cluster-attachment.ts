import { runExec } from '../../docker-engine/container-exec.ts';
import { FactoryError } from '../../errors/factory-error.ts';
import type { ClusterAttachment } from '../../workspaces/ports/runtime.ts';
import { notRunning } from './container-sessions.ts';
import { homeOf, loginOf } from './container-spec.ts';
import { inspectContainer } from './container-state.ts';
import { leaveNetwork } from './leave-network.ts';
import { FACTORY_FOLDER } from './sshd-config.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

/**
 * Takes the kubeconfig on standard input and puts it, the student's own, where kubectl finds it: by a link, and only where
 * there is nothing yet, so that a student's own config is never overwritten. Root gets a link, too, for sudo kubectl.
 * Arguments: the user, the user's home.
 */
const TAKE_KUBECONFIG = `
set -eu
umask 077
file=${FACTORY_FOLDER}/kubeconfig
cat >"$file.$$"
chown "$1" "$file.$$"
mv "$file.$$" "$file"
link() {
  [ ! -e "$1/.kube/config" ] && [ ! -L "$1/.kube/config" ] || return 0
  [ -d "$1/.kube" ] || { mkdir "$1/.kube" && chown "$2:" "$1/.kube"; }
  ln -s "$file" "$1/.kube/config" && chown -h "$2:" "$1/.kube/config"
}
link "$2" "$1"
[ "$2" = /root ] || link /root root
`;

/** A shell that a student replaced may never end, and nothing else happens to the cluster meanwhile; ms. */
const PUT_LIMIT = 20_000;

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

async function putKubeconfig(
  { engine, names }: WorkspaceObjects,
  user: string,
  kubeconfig: string,
  signal: AbortSignal,
): Promise<void> {
  const command = ['/bin/sh', '-c', TAKE_KUBECONFIG, 'attach', user, homeOf(user)];
  const late = AbortSignal.timeout(PUT_LIMIT);
  const { status, stderr } = await runExec(
    engine,
    { container: names.container, command, user: '0' },
    kubeconfig,
    AbortSignal.any([signal, late]),
  ).catch((thrown: unknown) => {
    if (late.aborted && !signal.aborted) return { status: undefined, stderr: 'it did not end in time' };
    throw thrown;
  });
  if (status === 0) return;
  throw new FactoryError(
    'CONTAINER_FAILED',
    'The kubeconfig could not be put into the container; see that its disk has room, or reset the container.',
    { detail: stderr },
  );
}
