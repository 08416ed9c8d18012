import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assertNoUnfinishedRestore } from '../backup/restore-records.ts';
import { createK3dClusters } from '../clusters/k3d/k3d-clusters.ts';
import { startControlServer } from '../control/control-server.ts';
import { controlSocket } from '../control/control-socket.ts';
import { createDockerEngine } from '../docker-engine/docker-engine.ts';
import { watchDockerEvents } from '../docker-engine/docker-events.ts';
import { availableHostMemory } from '../docker-engine/host-memory.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { openHostKeys } from '../gateway/keys/host-keys.ts';
import { openInnerKey } from '../gateway/keys/inner-key.ts';
import { openHistory } from '../history/history.ts';
import { createIdentitySources } from '../identity/create-sources.ts';
import { createIdentity } from '../identity/identity-chain.ts';
import { createImageStore } from '../images/image-store.ts';
import { createLabAccess } from '../labs/lab-access.ts';
import { clusterLogFolder } from '../logging/log-files.ts';
import type { Logger } from '../logging/logger.ts';
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
import { clustersFolder } from './clusters-folder.ts';
import { createControlTarget } from './control-target.ts';
import { openInstanceId } from './instance-id-file.ts';
import { createLiveGarbage } from './live-garbage.ts';
import { publicApi } from './public-api.ts';
import { httpUrl, publicUrls } from './public-urls.ts';
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
  const site = await openSite(request, closers);
  let sshPort = request.config.ssh.listen.port;
  // The gateway starts last, and its port may be left to chance.
  const front = await startFront(request, site, closers, () => sshPort);
  const house = await startWorkspaces(request, site, front, closers);
  const gateway = await startGateway(request, site, house.workspaces, closers);
  sshPort = gateway.address.port;
  await startControl(request, site, { ...house, gateway, webUrl: front.webUrl }, closers);

  const { http, https, kube } = request.config.routes;
  return {
    endpoints: {
      ssh: gateway.address,
      web: { url: front.webUrl },
      routes: {
        http: { host: http.host, port: front.ports.http },
        https: { host: https.host, port: front.ports.https },
        kube: { host: kube.host, port: front.ports.kube },
      },
    },
    stop: () => closers.closeAll(),
  };
}

/** What is the factory's own before anything runs: its place in the data folder, and what it shares of Docker. */
async function openSite({ config, setupFile, logger }: StartRequest, closers: Closers) {
  const { data } = config;
  await mkdir(data, { recursive: true, mode: 0o700 });
  await assertNoUnfinishedRestore(data);
  const instance = await openInstanceId(data);
  const [hostKeys, innerKey] = await Promise.all([openHostKeys(data), openInnerKey(data)]);
  const engine = createDockerEngine();
  const images = createImageStore({ engine, setupFile });
  const subnets = createSubnetPool({ engine, within: config.clusters.subnets });
  const history = openHistory({ data, clock: systemClock, logger });
  closers.add('history', () => history.close());
  return { data, instance, hostKeys, innerKey, engine, images, subnets, history };
}

type Site = Awaited<ReturnType<typeof openSite>>;

/** The web server and Traefik, with the routes that it serves. */
async function startFront(request: StartRequest, site: Site, closers: Closers, sshPort: () => number) {
  const { config, logger, stop } = request;
  const { domain } = config;
  const folder = join(site.data, 'routes');
  const { engine, images, instance } = site;
  const image = config.images.traefik;
  const traefik = createTraefikContainer({
    engine,
    images,
    instance,
    image,
    folder,
    listens: config.routes,
    logger,
  });
  await request.assertRoutePortsFree(await traefik.heldPorts(stop));

  const door = () => ({ domain, port: sshPort() });
  let httpPort = config.routes.http.port;
  const publicUrl = () => httpUrl(`<user>.${domain}`, httpPort);
  const web = await startWebServer({ listen: config.web.listen, door, publicUrl, logger });
  closers.add('web server', () => web.close());
  const { ports, api } = await traefik.ensure(stop);
  httpPort = ports.http;
  const hostOf = (key: WorkspaceKey) => publicHost(domain, key);
  const routes = await createTraefikRoutes(
    { folder, hostOf, asleepPage: web.url, api, revive: traefik.revive, logger },
    stop,
  );
  return { ports, routes, traefik, hostOf, webUrl: web.url };
}

type Front = Awaited<ReturnType<typeof startFront>>;

/** The controllers over Docker, k3d and Traefik; what exists already has been adopted. */
async function startWorkspaces(request: StartRequest, site: Site, front: Front, closers: Closers) {
  const { config, labs, logger, stop } = request;
  const { engine, instance, images, subnets } = site;
  const urls = publicUrls(config.domain, front.ports);
  const runtime = createDockerRuntime({
    engine,
    instance,
    images,
    subnets,
    innerAuthorizedKey: site.innerKey.publicKey,
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
    folder: clustersFolder(site.data),
    logFolder: clusterLogFolder(site.data),
    hostOf: front.hostOf,
    publicApi: publicApi(config.domain, { host: config.routes.kube.host, port: front.ports.kube }),
    logger,
  });
  const { routes } = front;
  const ports = { runtime, clusters, routes };
  const workspaces = new Workspaces({
    ports,
    events: site.history.events,
    records: site.history.records,
    memory: { host: { available: availableHostMemory }, reserve: config.clusters.minFreeMemory },
    labs,
    defaultLifecycle: config.lifecycle,
    urls,
    clock: systemClock,
    random: Math.random,
    logger,
  });
  closers.add('workspaces', () => workspaces.close());
  await workspaces.adopt(stop);
  // The route file may name workspaces that were removed while no factory ran.
  for (const key of routes.adopted) if (!workspaces.has(key)) await routes.remove(key, stop);
  followDocker(site, front, workspaces, logger, closers);
  return { workspaces, ports, urls, openTerminals: runtime.openTerminals };
}

type House = Awaited<ReturnType<typeof startWorkspaces>>;

function followDocker(
  { engine, instance }: Site,
  { traefik }: Front,
  workspaces: Workspaces,
  logger: Logger,
  closers: Closers,
): void {
  const watching = new AbortController();
  const revive = () =>
    traefik
      .revive(watching.signal)
      .catch((err: unknown) => logger.warn({ err }, 'Traefik could not be started again'));
  const watched = watchDockerEvents({
    engine,
    instance,
    logger,
    onChange: (key) => workspaces.wake(key),
    onConnected: () => {
      workspaces.wakeAll();
      void revive();
    },
    signal: watching.signal,
  });
  closers.add('Docker events', () => {
    watching.abort();
    return watched;
  });
}

async function startGateway(
  request: StartRequest,
  site: Site,
  workspaces: Workspaces,
  closers: Closers,
): Promise<Gateway> {
  const { config, labs, home, agentSocket, logger } = request;
  const { data, hostKeys, innerKey } = site;
  const { listen, keepalive } = config.ssh;
  const clock = systemClock;
  const sources = createIdentitySources({ config: config.identity, data, home, agentSocket, logger, clock });
  const gateway = await createGateway({
    listen,
    publicHost: config.domain,
    hostKeys,
    innerPrivateKey: innerKey.privateKey,
    identity: createIdentity(sources, logger),
    labAccess: createLabAccess(config.groups, labs),
    workspaces,
    clock,
    logger,
    limits: { keepaliveInterval: keepalive.interval, keepaliveCount: keepalive.count },
  });
  closers.add('gateway', () => {
    workspaces.stopAccepting();
    return gateway.close(config.shutdown.timeout, RESTARTING);
  });
  return gateway;
}

/** The socket on which the operator of this machine asks how things are; last, so that who gets an answer gets a whole one. */
async function startControl(
  { version, logger }: StartRequest,
  { data, instance, engine, history }: Site,
  { urls, openTerminals, ...rest }: House & { readonly gateway: Gateway; readonly webUrl: string },
  closers: Closers,
): Promise<void> {
  const urlOf = (key: WorkspaceKey) => urls(key).http;
  const { workspaces, ports } = rest;
  const garbage = createLiveGarbage({
    engine,
    instance,
    data,
    workspaces,
    routes: ports.routes,
    openTerminals,
  });
  const target = createControlTarget({
    ...rest,
    garbage,
    history,
    version,
    instance,
    urlOf,
    clock: systemClock,
  });
  const server = await startControlServer({ path: controlSocket(data), target, logger });
  closers.add('control socket', () => server.close());
}
