import { reservedIn } from '../config/reserved-names.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { type Admit, createAdmission } from '../groups/admission.ts';
import { createReservation } from '../identity/reservation.ts';
import { createLabAccess } from '../labs/lab-access.ts';
import { systemClock } from '../time/clock.ts';
import { type HostLogins, loginForHost } from '../web/login-for-host.ts';
import {
  type HttpHandler,
  startWebServer,
  type WebServer,
  type WebServerOptions,
} from '../web/web-server.ts';
import type { Workspaces } from '../workspaces/workspaces.ts';
import { type Closers, startWhole } from './closers.ts';
import { openApi, readyApi } from './http-api.ts';
import { type LabCommands, openLabCommands } from './lab-commands.ts';
import { openBackend } from './open-backend.ts';
import { openLabHooks } from './open-lab-hooks.ts';
import { openSite, type Site } from './open-site.ts';
import { httpUrl } from './public-urls.ts';
import type { RunningFactory } from './running-factory.ts';
import { startContainerSsh } from './start-containerssh.ts';
import { startControl } from './start-control.ts';
import type { StartRequest } from './start-request.ts';
import { type House, startWorkspaces } from './start-workspaces.ts';

const RESTARTING = 'The lab is being restarted; your session ends now. Connect again in a minute.';

/**
 * The composition root: makes every part of the factory, hands each what it needs, and starts them, the gateway last.
 * Rejects with the `FactoryError` of the part that could not start; what was started before it has been ended then.
 */
export async function startFactory(request: StartRequest): Promise<RunningFactory> {
  return await startWhole(request.logger, (closers) => start(request, closers));
}

async function start(request: StartRequest, closers: Closers): Promise<RunningFactory> {
  const site = await openSite(request, closers);
  const ports = { ssh: request.config.ssh.listen.port, http: request.config.routes.http.port };
  // The page says where SSH and the routes are, and both may be left to chance.
  let handler: HttpHandler | undefined;
  let workspacesOf: HostLogins['workspacesOf'] = () => [];
  const { hostOf } = site.labs;
  const loginFor = (host: string) =>
    loginForHost(host, { domain: request.config.domain, workspacesOf: (user) => workspacesOf(user), hostOf });
  const web = await startPages(request, ports, { loginFor, api: () => handler }, closers);
  const innerAuthorizedKey = site.innerKey.publicKey;
  const backend = await openBackend(request, { ...site, hostOf, innerAuthorizedKey }, closers);
  ports.http = backend.proxy.ports.http;
  const hooks = openLabHooks(request, site, closers);
  const house = await startWorkspaces(request, { ...site, hooks }, backend, web, closers);
  workspacesOf = (user) =>
    house.workspaces.snapshots().flatMap(({ key }) => (key.user === user ? [key] : []));
  const admit = admissionTo(request, house, site);
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
  const containerssh = await startContainerSsh(request, site, house, closers);
  await startControl(
    request,
    site,
    backend,
    { ...house, api, gateway, hooks: hooks.office, admit, webUrl: web.url },
    closers,
  );

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
      ...(containerssh && { containerssh }),
    },
    stop: () => closers.closeAll(),
  };
}

/** The front page and the page of what is asleep. `ports`: as they are known when somebody asks. */
async function startPages(
  { config: { domain, web }, logger }: StartRequest,
  ports: { readonly ssh: number; readonly http: number },
  answers: Pick<WebServerOptions, 'loginFor' | 'api'>,
  closers: Closers,
): Promise<WebServer> {
  const server = await startWebServer({
    listen: web.listen,
    door: () => ({ domain, port: ports.ssh }),
    publicUrl: () => httpUrl(`<user>.${domain}`, ports.http),
    ...answers,
    logger,
  });
  closers.add('web server', () => server.close());
  return server;
}

/** For whom a workspace may be made that is not there yet. */
function admissionTo({ config }: StartRequest, { workspaces }: House, { groups, identity }: Site): Admit {
  const reservation = createReservation(reservedIn(config));
  return createAdmission({ groups, identity, reservation, snapshot: (key) => workspaces.snapshot(key) });
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
  const { listen, keepalive, explainRefusals, failedLogins, keyExchange, limits } = config.ssh;
  const gateway = await createGateway({
    listen,
    keyExchange,
    publicHost: config.domain,
    hostKeys,
    innerPrivateKey: innerKey.privateKey,
    identity,
    labAccess: createLabAccess(groups, labs),
    workspaces,
    ...commands,
    clock: systemClock,
    logger,
    limits: {
      keepaliveInterval: keepalive.interval,
      keepaliveCount: keepalive.count,
      unauthenticated: limits.unauthenticated,
      loginTimeout: limits.loginGrace,
      signedAttempts: limits.authTries,
      channelsPerConnection: limits.channels,
      connectionsPerUser: limits.connectionsPerUser,
    },
    logins: { explainRefusals, failures: failedLogins },
  });
  closers.add('gateway', () => {
    workspaces.stopAccepting();
    return gateway.close(config.shutdown.timeout, RESTARTING);
  });
  return gateway;
}
