import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Role } from '../../composition/roles.ts';
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
  /** Undefined: both. */
  readonly role: Role | undefined;
  /** A folder below /run that the other role's process looks into; undefined: there is none. */
  readonly sharedFolder: string | undefined;
}

/**
 * Beyond `shutdown.timeout`: steps under way are aborted, k3d is given 2 s to end, listeners close; s. What is still there
 * then may be killed, as after any kill -9.
 */
const ORDERLY_END = 30;

/** Under these systemd makes a folder of the service's own, with the right owner, and lets it write there alone. */
const STATE_ROOT = '/var/lib/';

/** The same for folders that are gone with the next boot. */
const RUNTIME_ROOT = '/run/';

const DESCRIPTIONS = {
  all: 'an SSH login is a container and a Kubernetes cluster',
  gateway: 'the part that students log in to',
  clusters: 'the part with the Docker socket',
} as const;

/** A unit file that runs this factory as a system service. */
export function unitFile(installation: Installation): string {
  const { node, root, config, role } = installation;
  const args = [join(root, 'dist/cli/main.js'), 'serve'];
  if (role !== undefined) args.push('--roles', role);
  if (config !== undefined) args.push('--config', config);
  return `[Unit]
Description=ssh-lab-factory: ${DESCRIPTIONS[role ?? 'all']}
Documentation=${literal(pathToFileURL(join(root, 'docs/operate.md')).href)}
${order(role)}

[Service]
Type=exec
ExecStart=${[executable(node), ...args.map(argument)].join(' ')}
WorkingDirectory=${literal(installation.workingFolder)}
User=${literal(installation.user)}
Environment=${environment(installation)}
StandardError=journal
SyslogIdentifier=ssh-lab-factory${role === 'clusters' ? '-clusters' : ''}

# 78: the configuration is wrong, and starting again does not mend it. After anything else, a port that is taken or a full
# disk among it, it is tried for ever: one start in 5 s stays below systemd's limit of 5 in 10 s.
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
${reach(role)}
ProtectSystem=strict
${writablePaths(installation.data)}${runtimeFolder(installation.sharedFolder)}
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

function order(role: Role | undefined): string {
  const others = role === 'gateway' ? 'ssh-lab-factory-clusters.service' : 'docker.service';
  return `# Wanted, not required: sessions are told when the engine is away, and go on when it is back.
Wants=${others} network-online.target
# The last for a data folder, keys or labs that are on a server: whoever comes before their mount finds no such folder.
After=${others} network-online.target remote-fs.target`;
}

function reach(role: Role | undefined): string {
  if (role === 'gateway')
    return '# It writes to its data folder and /tmp, and has no way to Docker but the cluster service.';
  return `# It writes to its data folder and /tmp, and talks to Docker. That guards against accidents: whoever may use Docker is
# root on this host.`;
}

/** Others may look into it. It stays over a restart: what is mounted or open there goes on. */
function runtimeFolder(folder: string | undefined): string {
  const name = folder?.startsWith(RUNTIME_ROOT) ? folder.slice(RUNTIME_ROOT.length) : '';
  if (name === '') return '';
  return `\nRuntimeDirectory=${word(name)}\nRuntimeDirectoryMode=0755\nRuntimeDirectoryPreserve=restart`;
}

function environment({ setupFile, dockerHost, role }: Installation): string {
  const variables = [`FACTORY_SETUP=${setupFile}`];
  if (dockerHost !== undefined && role !== 'gateway') variables.push(`DOCKER_HOST=${dockerHost}`);
  return variables.map(word).join(' ');
}

/** Root has them; another user needs the ports below 1024. Those of the routes are Traefik's. */
function rights({ user, role }: Installation): string {
  if (user === 'root' || role === 'clusters') return '';
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
