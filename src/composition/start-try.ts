import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createDockerEngine } from '../docker-engine/docker-engine.ts';
import { asFactoryError } from '../errors/factory-error.ts';
import type { LabDoor } from '../gateway/door/lab-door.ts';
import { openInnerKey } from '../gateway/keys/inner-key.ts';
import { fixedGroups } from '../groups/groups.ts';
import { openHistory } from '../history/history.ts';
import { createLabCatalogue } from '../labs/lab-catalogue.ts';
import type { LabDefinition } from '../labs/lab-definition.ts';
import { logFailure } from '../logging/log-failure.ts';
import type { Logger } from '../logging/logger.ts';
import { dockerNames } from '../names/docker-names.ts';
import type { InstanceId } from '../names/instance-id.ts';
import type { Username } from '../names/username.ts';
import type { WorkspaceKey } from '../names/workspace-key.ts';
import { containerStep } from '../removal/docker-steps.ts';
import { traefikName } from '../routing/traefik-options.ts';
import { systemClock } from '../time/clock.ts';
import { openTokens } from '../tokens/open-tokens.ts';
import { buildLabImage } from '../try/build-lab-image.ts';
import { assertEngineHere } from '../try/engine-here.ts';
import { freeRoutes } from '../try/free-routes.ts';
import { startWebServer, type WebServer } from '../web/web-server.ts';
import { NO_HOOKS } from '../workspaces/ports/no-hooks.ts';
import type { Lease } from '../workspaces/workspace-access.ts';
import type { Workspaces } from '../workspaces/workspaces.ts';
import { type Closers, startWhole } from './closers.ts';
import { openEngineHost } from './engine-host.ts';
import { openApi, readyApi } from './http-api.ts';
import { openInstanceId } from './instance-id-file.ts';
import { openLabCommands } from './lab-commands.ts';
import { localBackend } from './local-backend.ts';
import { openLabs } from './open-labs.ts';
import { httpUrl } from './public-urls.ts';
import { routesFolder } from './routes-folder.ts';
import type { StartRequest } from './start-request.ts';
import { startWorkspaces } from './start-workspaces.ts';

/** A creation that is under way is ended first; ms. */
const SUSPEND_LIMIT = 180_000;
const REMOVE_LIMIT = 30_000;

export interface TryRequest
  extends Pick<StartRequest, 'config' | 'logger' | 'k3d' | 'k3dImages' | 'setupFile' | 'stop'> {
  readonly user: Username;
  readonly lab: LabDefinition;
  /** From the Dockerfile in the lab's folder, if there is one. */
  readonly buildsImage: boolean;
  /** What brings this lab back, for the page that says that it is asleep. */
  readonly command: string;
  /** Told what takes long before there is anything to see. */
  readonly say: (line: string) => void;
}

/** A lab that somebody has for themselves on this machine, without an SSH server. */
export interface TriedLab {
  /** Of the person at the terminal. */
  readonly lease: Lease;
  /** The name of its container. */
  readonly container: string;
  /** The container's sshd knows this key. */
  readonly innerPrivateKey: string;
  /** What the lab's own `cluster` command speaks to. */
  readonly door: LabDoor;
  /**
   * Pauses the workspace at once and ends all else; Traefik goes, because no routes answer then. Resolves with whether the
   * workspace sleeps: what could not be paused is left as it is, and the next start finds it.
   */
  close(): Promise<boolean>;
}

/**
 * The composition for one person on this machine: the factory's own parts, but no gateway, no identity, no control socket, and its
 * HTTP API at the lab's door alone. The caller holds the lock of the data folder. Rejects with the `FactoryError` of the part that could not start; what was
 * started before it has been ended then.
 */
export async function startTry(request: TryRequest): Promise<TriedLab> {
  return await startWhole(request.logger, (closers) => start(request, closers));
}

async function start(request: TryRequest, closers: Closers): Promise<TriedLab> {
  const { user, lab, logger, stop } = request;
  const { data } = request.config;
  const key = { user, lab: lab.name };
  const engine = createDockerEngine();
  await assertEngineHere(engine, stop);
  if (request.buildsImage) await buildLabImage(engine, lab, request.say, stop);
  const instance = await openInstanceId(data);
  const traefik = containerStep(engine, traefikName(instance));
  // One that a killed run left behind holds the ports.
  await traefik.remove(stop);
  const config = { ...request.config, routes: await freeRoutes(request.config.routes) };

  const { innerKey, ...site } = await openSite(data, instance, logger, closers);
  const ports = { http: config.routes.http.port };
  const web = await startPages({ ...request, config }, ports, closers);
  closers.add('Traefik', () => traefik.remove(AbortSignal.timeout(REMOVE_LIMIT)));
  const groups = fixedGroups(config.groups);
  const labs = openLabs({ config, labs: createLabCatalogue([lab]) }, groups);
  const host = await openEngineHost({
    ...request,
    config,
    data,
    hostOf: labs.hostOf,
    assertRoutePortsFree: () => Promise.resolve(),
  });
  const backend = localBackend(host, innerKey.publicKey);
  ports.http = backend.proxy.ports.http;
  const house = await startWorkspaces(
    { ...request, config },
    { ...site, groups, labs, hooks: NO_HOOKS },
    backend,
    web,
    closers,
  );
  const { workspaces } = house;
  const api = openApi({ logger }, { ...site, groups, admit: async () => {} }, house);
  const app = await readyApi(api, closers);
  const { door } = await openLabCommands({ api, app, tokens: site.tokens, workspaces, logger }, closers);
  const lease = workspaces.lease(key, {
    session: randomUUID(),
    clientAddress: 'this terminal',
    clientProgram: 'factory try',
  });
  lease.noteUse();
  return {
    lease,
    container: dockerNames(instance, key).container,
    innerPrivateKey: innerKey.privateKey,
    door,
    async close() {
      lease.release('closed');
      const sleeps = await putToSleep(workspaces, key, logger);
      await closers.closeAll();
      return sleeps;
    },
  };
}

/** What is its own before anything runs. */
async function openSite(data: string, instance: InstanceId, logger: Logger, closers: Closers) {
  const innerKey = await openInnerKey(data);
  const history = openHistory({ data, clock: systemClock, logger });
  closers.add('history', () => history.close());
  const tokens = await openTokens({ data, instance, clock: systemClock, logger });
  closers.add('tokens', async () => tokens[Symbol.asyncDispose]());
  // Before Traefik: Docker would make it itself, as root's.
  await mkdir(routesFolder(data), { recursive: true, mode: 0o755 });
  return { data, innerKey, history, tokens };
}

/** For the page of what is asleep. `ports`: as they are known when somebody asks. */
async function startPages(
  { config, user, command, logger }: TryRequest,
  ports: { readonly http: number },
  closers: Closers,
): Promise<WebServer> {
  const { domain, web } = config;
  const server = await startWebServer({
    listen: web.listen,
    door: () => ({ domain, command }),
    loginFor: () => user,
    publicUrl: () => httpUrl(`${user}.${domain}`, ports.http),
    // Nobody but the lab asks, and that has its door.
    api: () => undefined,
    logger,
  });
  closers.add('web server', () => server.close());
  return server;
}

async function putToSleep(workspaces: Workspaces, key: WorkspaceKey, logger: Logger): Promise<boolean> {
  const command = { kind: 'suspend', endSessions: false } as const;
  try {
    await workspaces.command(key, command, key.user, AbortSignal.timeout(SUSPEND_LIMIT));
    return true;
  } catch (thrown) {
    const error = asFactoryError(thrown);
    // Nothing of it was made yet.
    if (error.code === 'WORKSPACE_UNKNOWN') return true;
    logFailure(logger, error);
    return false;
  }
}
