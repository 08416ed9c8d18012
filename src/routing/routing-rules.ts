import type { ListenAddress } from '../config/factory-config.ts';
import { type OwnName, ownNameRules } from './own-name-rules.ts';
import { pageRules } from './page-rules.ts';
import type { HostRoute } from './route-table.ts';
import { workspaceRules } from './workspace-rules.ts';

export interface RoutingOptions {
  /** URL of the factory's web server, without a path. */
  readonly web: string;
  readonly own: OwnName;
  /** Where the kube entry point is, as Traefik itself reaches it. */
  readonly kube: ListenAddress;
  /** Where the routes' HTTPS is, as browsers reach it. */
  readonly httpsPort: number;
  /** Named in the configuration, so that Traefik's API can be asked whether this one has been taken over. */
  readonly generation: string;
}

/**
 * An address may be another cluster's as soon as that has started, which takes longer than a connection is kept that nobody uses. Else,
 * where the old one was cut off without a word, the first requests to the new one would go over connections that are dead, and for a
 * POST on such a one Traefik answers 502. Its connections for gRPC know no such limit (v3.6, `smart_roundtripper.go`); there TCP's
 * keep-alive notices after 15 s.
 */
const FORWARDING_TIMEOUTS = { dialTimeout: '5s', idleConnTimeout: '5s' };

/**
 * Connections to one cluster that are kept for the next request, as many as Traefik keeps where nothing is said of its transport.
 * Where one is said and this left out, two are: with 50 clients nearly each request made a connection of its own.
 */
const KEPT_CONNECTIONS = 200;

/** The name of the middleware that marks a generation; no router uses it. */
export function generationMarker(generation: string): string {
  return `generation-${generation}`;
}

/**
 * Traefik's dynamic configuration (v3) for these hosts: the workspaces, the factory's own name, and what everybody else gets. There is
 * an example of each kind in `golden`.
 */
export function traefikConfiguration(hosts: readonly HostRoute[], options: RoutingOptions): object {
  const { web, own, httpsPort, kube, generation } = options;
  const workspaces = workspaceRules(
    hosts.filter(({ host }) => host !== own.host),
    kube,
  );
  const ownName = ownNameRules(own, httpsPort);
  const pages = pageRules(web);
  return {
    http: {
      routers: { ...workspaces.http.routers, ...ownName.routers, ...pages.routers },
      services: { ...workspaces.http.services, ...pages.services },
      middlewares: {
        ...ownName.middlewares,
        ...pages.middlewares,
        [generationMarker(generation)]: { replacePath: { path: '/' } },
      },
      serversTransports: {
        workspace: { maxIdleConnsPerHost: KEPT_CONNECTIONS, forwardingTimeouts: FORWARDING_TIMEOUTS },
      },
    },
    // Traefik refuses a whole file for one empty section in it.
    ...(Object.keys(workspaces.tcp.routers).length > 0 && { tcp: workspaces.tcp }),
    tls: ownName.tls,
  };
}
