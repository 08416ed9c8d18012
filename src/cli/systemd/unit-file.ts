import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { argument, executable, literal, word } from './quoting.ts';

/** How a factory is installed; all paths absolute. */
export interface Installation {
  readonly user: string;
  readonly node: string;
  /** The folder that holds `dist` and `docs`. */
  readonly root: string;
  /** Undefined: the default configuration. */
  readonly config: string | undefined;
  readonly workingFolder: string;
  /** The set-up file, `setup.json`. */
  readonly setupFile: string;
  /** `DOCKER_HOST`; undefined: Docker's default. */
  readonly dockerHost: string | undefined;
  readonly data: string;
  /** `shutdown.timeout`, ms. */
  readonly shutdownTimeout: number;
}

/**
 * Beyond `shutdown.timeout`: steps under way are aborted, k3d is given 2 s to end, listeners close; s. What is still there
 * then may be killed, as after any kill -9.
 */
const ORDERLY_END = 30;

/** Under these systemd makes a folder of the service's own, with the right owner, and lets it write there alone. */
const STATE_ROOT = '/var/lib/';

/** A unit file that runs this factory as a system service. */
export function unitFile(installation: Installation): string {
  const { node, root, config } = installation;
  const args = [join(root, 'dist/cli/main.js'), 'serve'];
  if (config !== undefined) args.push('--config', config);
  return `[Unit]
Description=ssh-lab-factory: an SSH login is a container and a Kubernetes cluster
Documentation=${literal(pathToFileURL(join(root, 'docs/operate.md')).href)}
# Wanted, not required: sessions are told when the engine is away, and go on when it is back.
Wants=docker.service network-online.target
After=docker.service network-online.target

[Service]
Type=exec
ExecStart=${[executable(node), ...args.map(argument)].join(' ')}
WorkingDirectory=${literal(installation.workingFolder)}
User=${literal(installation.user)}
Environment=${environment(installation)}
StandardError=journal
SyslogIdentifier=ssh-lab-factory

# 78: the configuration is wrong, and starting again does not mend it. After anything else it is tried for ever: one
# start in 5 s stays below systemd's limit of 5 in 10 s.
Restart=on-failure
RestartSec=5s
RestartPreventExitStatus=78

# SIGTERM to the factory alone, which ends its own children. Containers and clusters are Docker's and stay.
KillMode=mixed
TimeoutStopSec=${Math.ceil(installation.shutdownTimeout / 1_000) + ORDERLY_END}s

# A session takes a handful of files.
LimitNOFILE=65536
# As Docker's own: where memory ends, a student's pod goes and not everybody's door.
OOMScoreAdjust=-500
${rights(installation)}
# It writes to its data folder and /tmp, and talks to Docker. That guards against accidents: whoever may use Docker is
# root on this host.
ProtectSystem=strict
${writablePaths(installation.data)}
NoNewPrivileges=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=multi-user.target
`;
}

function environment({ setupFile, dockerHost }: Installation): string {
  const variables = [`FACTORY_SETUP=${setupFile}`];
  if (dockerHost !== undefined) variables.push(`DOCKER_HOST=${dockerHost}`);
  return variables.map(word).join(' ');
}

/** Root has them; another user needs the ports below 1024. */
function rights({ user }: Installation): string {
  if (user === 'root') return '';
  return `
# Ports 22, 80 and 443 without being root.
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
`;
}

/** /tmp is not a private one: where the path of the data folder is too long for a socket, its socket lies there. */
function writablePaths(data: string): string {
  const name = data.startsWith(STATE_ROOT) ? data.slice(STATE_ROOT.length) : '';
  if (name === '') return `ReadWritePaths=${word(data)} /tmp`;
  return `ReadWritePaths=/tmp\nStateDirectory=${word(name)}\nStateDirectoryMode=0700`;
}
