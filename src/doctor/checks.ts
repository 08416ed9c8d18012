import type { Check } from './check.ts';
import { acme } from './checks/acme.ts';
import { acmeLimits } from './checks/acme-limits.ts';
import { caa } from './checks/caa.ts';
import { certificates } from './checks/certificates.ts';
import { cgroup } from './checks/cgroup.ts';
import { clock } from './checks/clock.ts';
import { conntrack } from './checks/conntrack.ts';
import { dataDisk } from './checks/data-disk.ts';
import { dataFolder } from './checks/data-folder.ts';
import { disk } from './checks/disk.ts';
import { dns } from './checks/dns.ts';
import { engine } from './checks/engine.ts';
import { hostKeys } from './checks/host-keys.ts';
import { images } from './checks/images.ts';
import { inotify } from './checks/inotify.ts';
import { k3d } from './checks/k3d.ts';
import { keyFiles } from './checks/key-files.ts';
import { keyServers } from './checks/key-servers.ts';
import { leftovers } from './checks/leftovers.ts';
import { memory } from './checks/memory.ts';
import { nameServers } from './checks/name-servers.ts';
import { nativeSsh } from './checks/native-ssh.ts';
import { nodeVersion } from './checks/node-version.ts';
import { openFiles } from './checks/open-files.ts';
import { ownKeys } from './checks/own-keys.ts';
import { ports } from './checks/ports.ts';
import { privileged } from './checks/privileged.ts';
import { publicPorts } from './checks/public-ports.ts';
import { sshfp } from './checks/sshfp.ts';
import { storageDriver } from './checks/storage-driver.ts';
import { subnets } from './checks/subnets.ts';
import type { PublicSite } from './outside/public-site.ts';

/**
 * Every check there is, in the order of the report. The names are stable: scripts and docs name them (docs/doctor.md lists
 * them; a test holds the two together).
 */
export const CHECKS = {
  'node-version': nodeVersion,
  engine,
  privileged,
  'storage-driver': storageDriver,
  cgroup,
  disk,
  memory,
  inotify,
  conntrack,
  'open-files': openFiles,
  subnets,
  k3d,
  images,
  ports,
  clock,
  'key-servers': keyServers,
  'key-files': keyFiles,
  'own-keys': ownKeys,
  'host-keys': hostKeys,
  'native-ssh': nativeSsh,
  'data-folder': dataFolder,
  'data-disk': dataDisk,
  leftovers,
} as const satisfies Readonly<Record<string, Check>>;

/** What is looked at besides with `--dns`: how the factory is seen from outside. In the order of the report, after the others. */
export const PUBLIC_CHECKS = {
  dns,
  'name-servers': nameServers,
  sshfp,
  caa,
  'public-ports': publicPorts,
  acme,
  'acme-limits': acmeLimits,
  certificates,
} as const satisfies Readonly<Record<string, Check<PublicSite>>>;

export type CheckName = keyof typeof CHECKS | keyof typeof PUBLIC_CHECKS;
