import type { Backend } from '../backend/backend.ts';
import { fromThisHost } from '../config/listen-address.ts';
import type { FrontLeases } from '../containerssh/leases/front-leases.ts';
import type { Groups } from '../groups/groups.ts';
import { createTraefikRoutes } from '../routing/traefik-routes.ts';
import { systemClock } from '../time/clock.ts';
import type { WebServer } from '../web/web-server.ts';
import type { Hooks } from '../workspaces/ports/hooks.ts';
import { Workspaces } from '../workspaces/workspaces.ts';
import type { Closers } from './closers.ts';
import { createFrontLeases } from './front-leases.ts';
import type { UsersLabs } from './open-labs.ts';
import type { Site } from './open-site.ts';
import { openOwnName } from './own-name.ts';
import { publicUrls } from './public-urls.ts';
import { routesFolder } from './routes-folder.ts';
import type { StartRequest } from './start-request.ts';
import { voidTokensAtTheEnd } from './void-tokens-at-the-end.ts';

/** What the controllers are built on, of which a lab on somebody's own machine has less than a factory. */
export interface WorkspacesSite extends Pick<Site, 'data' | 'history' | 'tokens'> {
  readonly groups: Groups;
  readonly labs: UsersLabs;
  readonly hooks: Hooks;
}

/** The controllers over the backend and the routes; what exists already has been adopted. */
export async function startWorkspaces(
  { config, logger, stop }: Pick<StartRequest, 'config' | 'logger' | 'stop'>,
  { data, history, tokens, groups, labs, hooks }: WorkspacesSite,
  backend: Backend,
  web: Pick<WebServer, 'url'>,
  closers: Closers,
) {
  const { runtime, clusters, memory, proxy } = backend;
  const { resolver, hostOf } = labs;
  const urls = publicUrls(hostOf, proxy.ports);
  const own = await openOwnName(config, { logger, stop }, closers);
  const routes = await createTraefikRoutes(
    {
      folder: routesFolder(data),
      hostOf,
      web: web.url,
      own: own.current,
      httpsPort: proxy.ports.https,
      kube: fromThisHost({ host: config.routes.kube.host, port: proxy.ports.kube }),
      api: proxy.api,
      revive: proxy.revive,
      logger,
    },
    stop,
  );
  own.follow(() => routes.publish(stop));
  const ports = { runtime, clusters, routes, hooks };
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
  const frontLeases = createFrontLeases(backend, workspaces, logger, closers);
  closers.add('workspaces', () => workspaces.close());
  // Those who are there have their leases before anything is suspended.
  await frontLeases.adopt(stop);
  hooks.recover();
  await workspaces.adopt(stop);
  // The route file may name workspaces that were removed while no factory ran.
  for (const key of routes.adopted) if (!workspaces.has(key)) await routes.remove(key, stop);
  followBackend(backend, workspaces, frontLeases, closers);
  const following = groups.onChange(() => workspaces.labsChanged());
  closers.add('changes of the groups', async () => following[Symbol.dispose]());
  return { workspaces, frontLeases, ports, urls };
}

export type House = Awaited<ReturnType<typeof startWorkspaces>>;

function followBackend(
  backend: Backend,
  workspaces: Workspaces,
  frontLeases: FrontLeases,
  closers: Closers,
): void {
  const watching = new AbortController();
  const watched = backend.follow(
    {
      onChange: (key) => {
        workspaces.wake(key);
        frontLeases.wake();
      },
      onConnected: () => {
        workspaces.wakeAll();
        frontLeases.wake();
      },
    },
    watching.signal,
  );
  closers.add('events of the backend', () => {
    watching.abort();
    return watched;
  });
}
