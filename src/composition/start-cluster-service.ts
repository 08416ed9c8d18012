import type { EngineHost } from '../backend/engine-host.ts';
import { startClusterServer } from '../cluster-service/cluster-server.ts';
import { formatServiceAddress } from '../config/service-address.ts';
import { systemClock } from '../time/clock.ts';
import { JwksFile } from '../tokens/jwks-file.ts';
import { CLUSTER_SERVICE_ISSUER } from '../tokens/open-tokens.ts';
import { createTokenVerifier } from '../tokens/token-verifier.ts';
import { type Closers, startWhole } from './closers.ts';
import { openEngineHost } from './engine-host.ts';
import { openGroups } from './open-groups.ts';
import { openLabs } from './open-labs.ts';
import type { RunningClusterService } from './running-factory.ts';
import type { StartRequest } from './start-request.ts';

/**
 * The process that has the Docker socket, and no door for people. What it makes of the engine it opens when a gateway first asks,
 * which by then has made the folder of the routes. Rejects with `CONFIG_INVALID` where it cannot listen.
 */
export async function startClusterService(request: StartRequest): Promise<RunningClusterService> {
  return await startWhole(request.logger, (closers) => start(request, closers));
}

async function start(request: StartRequest, closers: Closers): Promise<RunningClusterService> {
  const { config, version, logger } = request;
  const { listen, trust, data } = config.clusters.service;
  const { resolver, hostOf } = openLabs(request, openGroups(request, closers));
  const keys = new JwksFile({ path: trust, clock: systemClock, logger });
  const server = await startClusterServer({
    version,
    labs: resolver,
    host: openedOnce(() => openEngineHost({ ...request, data, hostOf })),
    listen,
    verifier: createTokenVerifier({ issuer: CLUSTER_SERVICE_ISSUER, keys, clock: systemClock }),
    logger,
  });
  closers.add('cluster service', () => server.close());
  return {
    endpoints: { clusters: { url: formatServiceAddress(server.address) } },
    stop: () => closers.closeAll(),
  };
}

/** What failed is tried again by whoever asks next; who asks meanwhile waits for the same. */
function openedOnce(open: () => Promise<EngineHost>): () => Promise<EngineHost> {
  let opened: Promise<EngineHost> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}
