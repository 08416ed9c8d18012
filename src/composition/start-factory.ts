import { mkdir } from 'node:fs/promises';
import { type FastifyInstance, type FastifyPluginAsync, fastify } from 'fastify';
import { createApi } from '../api/create-api.ts';
import { answerUnroutable } from '../api/problem-answer.ts';
import type { Backend } from '../backend/backend.ts';
import { assertNoUnfinishedRestore } from '../backup/restore-records.ts';
import { startControlServer } from '../control/control-server.ts';
import { controlSocket } from '../control/control-socket.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { openHostKeys } from '../gateway/keys/host-keys.ts';
import { openInnerKey } from '../gateway/keys/inner-key.ts';
import { type Admit, createAdmission } from '../groups/admission.ts';
import type { Groups } from '../groups/groups.ts';
import { readLabPlaces } from '../groups/who/read-places.ts';
import { createWhoIs, type WhoIs } from '../groups/who/who-is.ts';
import { openHistory } from '../history/history.ts';
import { createIdentitySources } from '../identity/create-sources.ts';
import { IdentityChain } from '../identity/identity-chain.ts';
import { createLabAccess } from '../labs/lab-access.ts';
import type { LabResolver } from '../labs/lab-resolver.ts';
import { publicHost } from '../names/public-host.ts';
import { createTraefikRoutes } from '../routing/traefik-routes.ts';
import { systemClock } from '../time/clock.ts';
import { openTokens } from '../tokens/open-tokens.ts';
import { type HttpHandler, startWebServer, type WebServer } from '../web/web-server.ts';
import { NO_HOOKS } from '../workspaces/testing/no-hooks.ts';
import { Workspaces } from '../workspaces/workspaces.ts';
import { Closers } from './closers.ts';
import { createClusterApiTarget } from './cluster-api-target.ts';
import { createControlTarget } from './control-target.ts';
import { openInstanceId } from './instance-id-file.ts';
import { type LabCommands, openLabCommands } from './lab-commands.ts';
import { openBackend } from './open-backend.ts';
import { openGroups } from './open-groups.ts';
import { httpUrl, publicUrls } from './public-urls.ts';
import { resolvedLabs } from './resolved-labs.ts';
import { routesFolder } from './routes-folder.ts';
import type { RunningFactory } from './running-factory.ts';
import type { StartRequest } from './start-request.ts';
import { voidTokensAtTheEnd } from './void-tokens-at-the-end.ts';

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
  const ports = { ssh: request.config.ssh.listen.port, http: request.config.routes.http.port };
  // The page says where SSH and the routes are, and both may be left to chance.
  let handler: HttpHandler | undefined;
  const web = await startPages(request, ports, () => handler, closers);
  const innerAuthorizedKey = site.innerKey.publicKey;
  const backend = await openBackend(request, { ...site, innerAuthorizedKey }, closers);
  ports.http = backend.proxy.ports.http;
  const house = await startWorkspaces(request, site, backend, web, closers);
  const admit = admissionTo(house, site);
  const api = openApi(request, { ...site, admit }, house);
  const app = await readyApi(api, closers);
  handler = app.routing;
  const { workspaces } = house;
  const commands = await openLabCommands(
    { api, app, tokens: site.tokens, workspaces, logger: request.logger },
    closers,
  );
  const gateway = await startGateway(request, site, workspaces, commands, closers);
  ports.ssh = gateway.address.port;
  await startControl(request, site, backend, { ...house, api, gateway, admit, webUrl: web.url }, closers);

  const { http, https, kube } = request.config.routes;
  return {
    endpoints: {
      ssh: gateway.address,
      web: { url: web.url },
      routes: {
        http: { host: http.host, port: backend.proxy.ports.http },
        https: { host: https.host, port: backend.proxy.ports.https },
        kube: { host: kube.host, port: backend.proxy.ports.kube },
      },
    },
    stop: () => closers.closeAll(),
  };
}

/** What is the factory's own before anything runs: its place in the data folder. */
async function openSite(request: StartRequest, closers: Closers) {
  const { config, home, agentSocket, logger } = request;
  const { data } = config;
  await mkdir(data, { recursive: true, mode: 0o700 });
  await assertNoUnfinishedRestore(data);
  const [hostKeys, innerKey] = await Promise.all([openHostKeys(data), openInnerKey(data)]);
  const history = openHistory({ data, clock: systemClock, logger });
  closers.add('history', () => history.close());
  const tokens = await openTokens({ data, instance: await openInstanceId(data), clock: systemClock, logger });
  closers.add('tokens', async () => tokens[Symbol.asyncDispose]());
  const sources = createIdentitySources({
    config: config.identity,
    data,
    home,
    agentSocket,
    logger,
    clock: systemClock,
  });
  const identity = new IdentityChain(sources, logger);
  closers.add('identity', () => identity[Symbol.asyncDispose]());
  // Before Traefik: Docker would make it itself, as root's.
  await mkdir(routesFolder(data), { recursive: true, mode: 0o755 });
  const groups = openGroups(request, closers);
  return { data, hostKeys, innerKey, history, tokens, identity, groups };
}

type Site = Awaited<ReturnType<typeof openSite>>;

/** The front page and the page of what is asleep. `ports`: as they are known when somebody asks. */
async function startPages(
  { config: { domain, web }, logger }: StartRequest,
  ports: { readonly ssh: number; readonly http: number },
  api: () => HttpHandler | undefined,
  closers: Closers,
): Promise<WebServer> {
  const server = await startWebServer({
    listen: web.listen,
    door: () => ({ domain, port: ports.ssh }),
    publicUrl: () => httpUrl(`<user>.${domain}`, ports.http),
    api,
    logger,
  });
  closers.add('web server', () => server.close());
  return server;
}

/** The controllers over the backend and the routes; what exists already has been adopted. */
export async function startWorkspaces(
  { config, labs, logger, stop }: Pick<StartRequest, 'config' | 'labs' | 'logger' | 'stop'>,
  { data, history, tokens, groups }: Pick<Site, 'data' | 'history' | 'tokens'> & { readonly groups: Groups },
  backend: Backend,
  web: Pick<WebServer, 'url'>,
  closers: Closers,
) {
  const { runtime, clusters, memory, proxy } = backend;
  const urls = publicUrls(config.domain, proxy.ports);
  const routes = await createTraefikRoutes(
    {
      folder: routesFolder(data),
      hostOf: (key) => publicHost(config.domain, key),
      asleepPage: web.url,
      api: proxy.api,
      revive: proxy.revive,
      logger,
    },
    stop,
  );
  const ports = { runtime, clusters, routes, hooks: NO_HOOKS };
  const resolver = resolvedLabs(labs, config.domain, groups);
  const workspaces = new Workspaces({
    ports,
    events: voidTokensAtTheEnd(history.events, tokens, logger),
    records: history.records,
    memory: { host: memory, reserve: config.clusters.minFreeMemory },
    labs: resolver,
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
  followBackend(backend, workspaces, closers);
  return { workspaces, ports, urls, labs: resolver };
}

type House = Awaited<ReturnType<typeof startWorkspaces>>;

function followBackend(backend: Backend, workspaces: Workspaces, closers: Closers): void {
  const watching = new AbortController();
  const watched = backend.follow(
    { onChange: (key) => workspaces.wake(key), onConnected: () => workspaces.wakeAll() },
    watching.signal,
  );
  closers.add('events of the backend', () => {
    watching.abort();
    return watched;
  });
}

/** For whom a workspace may be made that is not there yet. */
function admissionTo({ workspaces }: House, { groups, identity }: Site): Admit {
  return createAdmission({ groups, identity, snapshot: (key) => workspaces.snapshot(key) });
}

/** What the operator is told of a user. */
async function whoIs(
  { labs: catalogue }: StartRequest,
  { groups, identity }: Site,
  labs: LabResolver,
): Promise<WhoIs> {
  const labPlaces = await readLabPlaces(catalogue.all());
  return createWhoIs({
    directory: identity,
    groups,
    labAccess: createLabAccess(groups, catalogue),
    labs,
    places: () => ({ ...labPlaces, ...groups.places() }),
  });
}

/** The HTTP API, for every server that has it. */
export function openApi(
  { logger }: Pick<StartRequest, 'logger'>,
  {
    history,
    tokens,
    groups,
    admit,
  }: Pick<Site, 'history' | 'tokens'> & { readonly groups: Groups; readonly admit: Admit },
  { workspaces, ports, urls }: House,
): FastifyPluginAsync {
  return createApi({
    target: createClusterApiTarget({ workspaces, ports, history, urls, admit }),
    verifier: tokens.verifier,
    jwks: () => tokens.jwks(),
    groups,
    logger,
    clock: systemClock,
  });
}

/** The API without a socket: for the web server, which listens before there is anything to answer, and for calls within this process. */
export async function readyApi(api: FastifyPluginAsync, closers: Closers): Promise<FastifyInstance> {
  const app = fastify({ logger: false, frameworkErrors: answerUnroutable });
  await app.register(api);
  await app.ready();
  closers.add('HTTP API', () => app.close());
  return app;
}

async function startGateway(
  request: StartRequest,
  site: Site,
  workspaces: Workspaces,
  commands: LabCommands,
  closers: Closers,
): Promise<Gateway> {
  const { config, labs, logger } = request;
  const { hostKeys, innerKey, identity, groups } = site;
  const { listen, keepalive } = config.ssh;
  const gateway = await createGateway({
    listen,
    publicHost: config.domain,
    hostKeys,
    innerPrivateKey: innerKey.privateKey,
    identity,
    labAccess: createLabAccess(groups, labs),
    workspaces,
    ...commands,
    clock: systemClock,
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
  request: StartRequest,
  site: Site,
  backend: Backend,
  {
    urls,
    api,
    ...rest
  }: House & {
    readonly api: FastifyPluginAsync;
    readonly gateway: Gateway;
    readonly admit: Admit;
    readonly webUrl: string;
  },
  closers: Closers,
): Promise<void> {
  const { version, logger } = request;
  const { data, history, tokens, identity, groups } = site;
  const { workspaces, ports, labs } = rest;
  const target = createControlTarget({
    ...rest,
    garbage: backend.garbage({ workspaces, routes: ports.routes }),
    history,
    tokens,
    users: identity.accounts,
    configuration: () => groups.status(),
    who: await whoIs(request, site, labs),
    version,
    instance: backend.instance,
    urlOf: (key) => urls(key).http,
    clock: systemClock,
  });
  const server = await startControlServer({ path: controlSocket(data), target, api, logger });
  closers.add('control socket', () => server.close());
}
