import type { DockerEngine } from '../../../docker-engine/docker-engine.ts';
import { RESOLV_CONF, RESOLV_CONF_ARG } from '../creation/simple-config.ts';
import { upstreamResolvConf } from '../creation/upstream-resolvers.ts';
import { putFile } from './put-file.ts';

/** What k3s takes where it knows of no name server that a pod can reach. */
const K3S_FALLBACK = 'nameserver 8.8.8.8\n';

/**
 * Gives a node that was made anew the name servers of this host, where its command asks for such a file: k3d puts it there
 * once, at creation.
 */
export async function putResolvConf(
  engine: DockerEngine,
  container: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (!command.includes(RESOLV_CONF_ARG)) return;
  const text = (await upstreamResolvConf(signal)) ?? K3S_FALLBACK;
  await putFile(engine, container, { path: RESOLV_CONF, text }, signal);
}
