import type { MountDefinition } from '../../labs/lab-definition.ts';
import type { FrontLaunch } from '../front-sessions.ts';
import type { LaunchConfig } from './protocol.ts';

/** Where Debian's package openssh-sftp-server has it, which a lab's image needs for the factory's own gateway as well. */
const SFTP_SERVER = '/usr/lib/openssh/sftp-server';
const FORWARDING = 'enable';

/**
 * The image's own would run in the place of what ContainerSSH waits with, and look like somebody's program. Docker reads `['']` as none.
 * An empty list is none as well, but ContainerSSH merges this with its own configuration, and what is empty is lost there.
 */
const NO_ENTRYPOINT: readonly string[] = [''];

/**
 * What ContainerSSH's Docker backend is to do for one connection. A container of its own for each (`connection`): its mode `session`
 * has no agent, so no forwarding. The image is the factory's business, so ContainerSSH never pulls.
 */
export function launchConfig(launch: FrontLaunch): LaunchConfig {
  const { image, user, workingDir, env, labels, binds, mounts, networkMode, securityOpt, limits } = launch;
  return {
    backend: 'docker',
    docker: {
      execution: {
        mode: 'connection',
        imagePullPolicy: 'Never',
        container: {
          image,
          Entrypoint: [...NO_ENTRYPOINT],
          User: user,
          WorkingDir: workingDir,
          Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
          Labels: { ...labels },
        },
        host: {
          Binds: [...binds],
          Mounts: mounts.map(bindMount),
          NetworkMode: networkMode,
          SecurityOpt: [...securityOpt],
          Memory: limits.memory,
          MemorySwap: limits.memory,
          NanoCpus: Math.round(limits.cpus * 1e9),
          PidsLimit: limits.pids,
          // Programs that outlive their parent are reaped; ContainerSSH's agent, the first process otherwise, reaps none.
          Init: true,
        },
        shellCommand: ['/bin/bash', '-l'],
        disableAgent: false,
        subsystems: { sftp: SFTP_SERVER },
      },
    },
    security: {
      forwarding: {
        reverseForwardingMode: FORWARDING,
        forwardingMode: FORWARDING,
        socketForwardingMode: FORWARDING,
        socketListenMode: FORWARDING,
        x11ForwardingMode: FORWARDING,
      },
    },
  };
}

function bindMount({ source, target, readOnly }: MountDefinition) {
  return {
    Type: 'bind' as const,
    Source: source,
    Target: target,
    ReadOnly: readOnly,
    // Engines before Docker 25 leave writable what the host has mounted below a read-only one.
    BindOptions: { Propagation: 'rprivate' as const, NonRecursive: readOnly },
  };
}
