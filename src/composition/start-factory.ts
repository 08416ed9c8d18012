import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createK3dClusters } from '../clusters/k3d/k3d-clusters.ts';
import { createDockerEngine } from '../docker-engine/docker-engine.ts';
import { watchDockerEvents } from '../docker-engine/docker-events.ts';
import { createGateway } from '../gateway/gateway.ts';
import { openHostKeys } from '../gateway/keys/host-keys.ts';
import { openInnerKey } from '../gateway/keys/inner-key.ts';
import { createIdentitySources } from '../identity/create-sources.ts';
import { createIdentity } from '../identity/identity-chain.ts';
import { createImageStore } from '../images/image-store.ts';
import { createLabAccess } from '../labs/lab-access.ts';
import { publicHost } from '../names/public-host.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import { createTraefikContainer } from '../routing/traefik-container.ts';
import { createTraefikRoutes } from '../routing/traefik-routes.ts';
import { createDockerRuntime } from '../runtime/docker/docker-runtime.ts';
import { createSubnetPool } from '../subnets/subnet-pool.ts';
import { systemClock } from '../time/clock.ts';
import { startWebServer } from '../web/web-server.ts';
import { Workspaces } from '../workspaces/workspaces.ts';
import { Closers } from './closers.ts';
import { openInstanceId } from './instance-id-file.ts';
import { publicApi } from './public-api.ts';
import { publicUrls } from './public-urls.ts';
import type { RunningFactory } from './running-factory.ts';
import type { StartRequest } from './start-request.ts';

const RESTARTING = 'The lab is being restarted; your session ends now. Connect again in a minute.';

/**
 * The composition root: makes every part of the factory, hands each what it needs, and starts them, the gateway last.
 * Rejects with the `FactoryError` of the part that could not start; what was started before it has been ended then.
 */
export async function startFactory(request: StartRequest): Promise<RunningFactory> {
  const closers = new Closers(request.logger);
  try {
    return await start(request, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function start(request: StartRequest, closers: Closers): Promise<RunningFactory> {
  const { config, labs, logger, stop } = request;
  const clock = systemClock;
  const { data, domain } = config;
  await mkdir(data, { recursive: true, mode: 0o700 });
  const instance = await openInstanceId(data);
  const [hostKeys, innerKey] = await Promise.all([openHostKeys(data), openInnerKey(data)]);

  const engine = createDockerEngine();
  const images = createImageStore({ engine, setupFile: request.setupFile });
  const subnets = createSubnetPool({ engine, within: config.clusters.subnets });
  const traefik = createTraefikContainer({
    engine,
    images,
    instance,
    image: config.images.traefik,
    folder: join(data, 'routes'),
    listens: config.routes,
    logger,
  });
  await request.assertRoutePortsFree(await traefik.heldPorts(stop));

  // The gateway starts last, and its port may be left to chance.
  let sshPort = config.ssh.listen.port;
  const web = await startWebServer({
    listen: config.web.listen,
    door: () => ({ domain, port: sshPort }),
    logger,
  });
  closers.add('web server', () => web.close());
  const { ports, api } = await traefik.ensure(stop);
  const hostOf = (key: WorkspaceKey) => publicHost(domain, key);
  const urls = publicUrls(domain, ports);
  const routes = await createTraefikRoutes(
    { folder: join(data, 'routes'), hostOf, asleepPage: web.url, api, logger },
    stop,
  );

  const runtime = createDockerRuntime({
    engine,
    instance,
    images,
    subnets,
    innerAuthorizedKey: innerKey.publicKey,
    publicUrls: urls,
  });
  const clusters = createK3dClusters({
    engine,
    instance,
    k3d: request.k3d,
    ...(request.k3dImages === undefined ? {} : { k3dImages: request.k3dImages }),
    defaultImage: config.images.node,
    images,
    subnets,
    minFreeDisk: config.clusters.minFreeDisk,
    folder: join(data, 'clusters'),
    hostOf,
    publicApi: publicApi(domain, { host: config.routes.kube.host, port: ports.kube }),
    logger,
  });
  const workspaces = new Workspaces({
    ports: { runtime, clusters, routes },
    labs,
    defaultLifecycle: config.lifecycle,
    urls,
    clock,
    logger,
  });
  closers.add('workspaces', () => workspaces.close());
  await workspaces.adopt(stop);
  await forgetVanishedRoutes(routes, workspaces, stop);

  const watching = new AbortController();
  const watched = watchDockerEvents({
    engine,
    instance,
    logger,
    onChange: (key) => workspaces.wake(key),
    onConnected: () => workspaces.wakeAll(),
    signal: watching.signal,
  });
  closers.add('Docker events', () => {
    watching.abort();
    return watched;
  });

  const sources = createIdentitySources({
    config: config.identity,
    data,
    home: request.home,
    agentSocket: request.agentSocket,
    logger,
    clock,
  });
  const gateway = await createGateway({
    listen: config.ssh.listen,
    publicHost: domain,
    hostKeys,
    innerPrivateKey: innerKey.privateKey,
    identity: createIdentity(sources, logger),
    labAccess: createLabAccess(config.groups, labs),
    workspaces,
    clock,
    logger,
  });
  sshPort = gateway.address.port;
  closers.add('gateway', () => {
    workspaces.stopAccepting();
    return gateway.close(config.shutdown.timeout, RESTARTING);
  });

  const { http, https, kube } = config.routes;
  return {
    endpoints: {
      ssh: gateway.address,
      web: { url: web.url },
      routes: {
        http: { host: http.host, port: ports.http },
        https: { host: https.host, port: ports.https },
        kube: { host: kube.host, port: ports.kube },
      },
    },
    stop: () => closers.closeAll(),
  };
}

/** The route file may name workspaces that were removed while no factory ran. */
async function forgetVanishedRoutes(
  routes: Awaited<ReturnType<typeof createTraefikRoutes>>,
  workspaces: Workspaces,
  signal: AbortSignal,
): Promise<void> {
  for (const key of routes.adopted) if (!workspaces.has(key)) await routes.remove(key, signal);
}
