import type Docker from 'dockerode';
import { workspaceLabels } from '../../docker-engine/workspace-labels.ts';
import type { LabDefinition } from '../../labs/lab-definition.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

/** On a lab container: the Unix user of its sessions. */
const LOGIN_LABEL = 'ssh-lab-factory.login';

/**
 * What sshd calls a client that is no socket (get_peer_ipaddr in OpenSSH's canohost.c). Where it is built with Linux' audit, as
 * Debian's is, each new terminal looks this name up, and without a DNS that answers waits 10 s for it.
 */
const SSHD_CLIENT = 'UNKNOWN';

/**
 * The lab container. Docker's default capabilities and seccomp profile hold; `no-new-privileges` is not set, because
 * students are promised sudo. The image's own command does not run: the container is a machine that waits for sessions.
 */
export function containerSpec(
  { instance, key, names }: WorkspaceObjects,
  lab: LabDefinition,
  env: Readonly<Record<string, string>>,
): Docker.ContainerCreateOptions {
  const { image, user, limits } = lab.container;
  return {
    name: names.container,
    Image: image,
    Hostname: lab.name,
    Labels: { ...workspaceLabels(instance, key, 'container'), [LOGIN_LABEL]: user },
    Env: Object.entries({ ...lab.container.env, ...env }).map(([name, value]) => `${name}=${value}`),
    User: '0',
    WorkingDir: '/',
    // Every image that has a shell has tail, and busybox's sleep knows no "infinity".
    Entrypoint: ['tail', '-f', '/dev/null'],
    Cmd: [],
    HostConfig: {
      // Reaps the orphans of the students' shells.
      Init: true,
      Memory: limits.memory,
      // Of memory and swap together: no swap.
      MemorySwap: limits.memory,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: limits.pids,
      // What runs is the factory's decision alone.
      RestartPolicy: { Name: 'no' },
      NetworkMode: names.network,
      ExtraHosts: [`${SSHD_CLIENT}:127.0.0.1`],
      Mounts: [
        {
          Type: 'volume',
          Source: names.homeVolume,
          Target: homeOf(user),
          // Docker makes the volume where it is missing, and fills it with what the image has there: the first exercise.
          VolumeOptions: {
            NoCopy: false,
            Labels: workspaceLabels(instance, key, 'home'),
            DriverConfig: { Name: 'local', Options: {} },
          },
        },
      ],
    },
  };
}

export function homeOf(user: string): string {
  return user === 'root' ? '/root' : `/home/${user}`;
}

/** The Unix user that `containerSpec` was given, as the labels of the container have it. */
export function loginOf(container: Docker.ContainerInspectInfo): string {
  return container.Config.Labels[LOGIN_LABEL] ?? 'root';
}
