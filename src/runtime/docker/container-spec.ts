import type Docker from 'dockerode';
import { workspaceLabels } from '../../docker-engine/workspace-labels.ts';
import type { ContainerDefinition, LabDefinition, MountDefinition } from '../../labs/lab-definition.ts';
import { PIPES_TARGET } from './sessions/pipes/pipe-folders.ts';
import type { WorkspaceObjects } from './workspace-objects.ts';

/** On a lab container: the Unix user of its sessions. */
const LOGIN_LABEL = 'ssh-lab-factory.login';

/**
 * What sshd calls a client that is no socket (get_peer_ipaddr in OpenSSH's canohost.c). Where it is built with Linux' audit, as
 * Debian's is, each new terminal looks this name up, and without a DNS that answers waits 10 s for it.
 */
const SSHD_CLIENT = 'UNKNOWN';

/** With it no program gives its user more rights, whatever the bits of its file: sudo fails. sshd itself only gives rights up. */
const NO_NEW_PRIVILEGES = 'no-new-privileges';

/**
 * Names of the outside that nobody can reach are refused soon. Docker's own DNS asks a server on the host's loopback from outside of
 * the container, whatever its network: "127.0.0.1" given here is the container's own instead (libnetwork's sandbox_dns_unix.go).
 */
const NO_DNS = { Dns: ['127.0.0.1'], DnsOptions: ['timeout:1', 'attempts:1'] };

/**
 * The lab container. Docker's default capabilities and seccomp profile hold. The image's own command does not run: the container
 * is a machine that waits for sessions.
 */
export function containerSpec(
  objects: WorkspaceObjects,
  lab: LabDefinition,
  env: Readonly<Record<string, string>>,
  pipesFolder: string | undefined,
): Docker.ContainerCreateOptions {
  const { instance, key, names } = objects;
  const { image, user, limits, root, egress } = lab.container;
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
      ...(egress === 'none' && NO_DNS),
      ...(root === 'none' && { SecurityOpt: [NO_NEW_PRIVILEGES] }),
      Mounts: [
        ...homeMounts(objects, lab.container),
        ...[...lab.container.mounts, ...pipesMounts(pipesFolder)].map(hostMount),
      ],
    },
  };
}

/** A fresh home is part of the container, and ends with it. */
function homeMounts(
  { instance, key, names }: WorkspaceObjects,
  { user, home }: ContainerDefinition,
): readonly Docker.MountSettings[] {
  if (home === 'fresh') return [];
  return [
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
  ];
}

function pipesMounts(folder: string | undefined): readonly MountDefinition[] {
  return folder === undefined ? [] : [{ source: folder, target: PIPES_TARGET, readOnly: true }];
}

/**
 * What the host mounts later, or below a read-only folder, is not in there: engines before Docker 25 would leave the latter writable.
 */
function hostMount({ source, target, readOnly }: MountDefinition): Docker.MountSettings {
  return {
    Type: 'bind',
    Source: source,
    Target: target,
    ReadOnly: readOnly,
    BindOptions: { Propagation: 'rprivate', ...(readOnly && { NonRecursive: true }) },
  };
}

export function homeOf(user: string): string {
  return user === 'root' ? '/root' : `/home/${user}`;
}

/** The Unix user that `containerSpec` was given, as the labels of the container have it. */
export function loginOf(container: Docker.ContainerInspectInfo): string {
  return container.Config.Labels[LOGIN_LABEL] ?? 'root';
}

/** Whether nobody in the container can become root: then nobody comes in as root either. */
export function isWithoutRoot(container: Docker.ContainerInspectInfo): boolean {
  return container.HostConfig.SecurityOpt?.includes(NO_NEW_PRIVILEGES) ?? false;
}

/** What of the host its lab gave it, whenever it runs. */
export function hostMountsOf(container: Docker.ContainerInspectInfo): readonly MountDefinition[] {
  const mounts = container.HostConfig.Mounts ?? [];
  const ofLab = mounts.filter(({ Type, Target }) => Type === 'bind' && Target !== PIPES_TARGET);
  return ofLab.map(({ Source, Target, ReadOnly }) => ({
    source: Source,
    target: Target,
    readOnly: ReadOnly === true,
  }));
}
