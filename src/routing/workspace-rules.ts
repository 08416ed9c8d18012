import type { ListenAddress } from '../config/factory-config.ts';
import { formatListen } from '../config/listen-address.ts';
import type { ClusterAddresses } from '../workspaces/ports/clusters.ts';
import type { Route } from '../workspaces/ports/routes.ts';
import { ENTRY_POINT } from './entry-points.ts';
import {
  asksForMorePriority,
  challengeRule,
  exactSniRule,
  grpcRule,
  hostRule,
  sniRule,
} from './host-rules.ts';
import { ASLEEP_MIDDLEWARES, CLIENT_HEADERS, httpService, NO_SERVER } from './page-rules.ts';
import type { HostRoute } from './route-table.ts';
import type { Section } from './section.ts';

/** The TCP service for hosts whose TLS is refused. No host has an underscore. */
const REFUSED = 'refused_tls';

export interface WorkspaceRules {
  readonly http: { readonly routers: Section; readonly services: Section };
  readonly tcp: { readonly routers: Section; readonly services: Section };
}

/**
 * Each host and its subdomains of any depth go to the cluster's own ingress: HTTP as it is, gRPC in the clear as the HTTP/2
 * that it needs (others stay with HTTP/1.1, which every ingress speaks and WebSockets need), TLS unopened (by SNI); the host alone
 * goes to the cluster's Kubernetes API on the kube entry point, unopened as well. A host asleep has HTTP alone, and its TLS is
 * refused at once. While its cluster starts, what an authority asks to see (ACME) is led there: over HTTP by its path; over TLS
 * nothing but the cluster can tell it apart.
 *
 * @param kube where that entry point is; see `refusedRouter`
 */
export function workspaceRules(hosts: readonly HostRoute[], kube: ListenAddress): WorkspaceRules {
  const each = hosts.map(({ host, route }) => rulesOf(host, route, kube));
  const merged = (protocol: 'http' | 'tcp', section: 'routers' | 'services'): Section =>
    Object.assign({}, ...each.map((rules) => rules[protocol][section]));
  return {
    http: { routers: merged('http', 'routers'), services: merged('http', 'services') },
    tcp: { routers: merged('tcp', 'routers'), services: merged('tcp', 'services') },
  };
}

function rulesOf(host: string, route: Route, kube: ListenAddress): WorkspaceRules {
  switch (route.kind) {
    case 'awake':
      return awakeRules(host, route.addresses);
    case 'starting':
      return startingRules(host, route.addresses);
    case 'asleep':
      return asleepRules(host, kube);
  }
}

function awakeRules(host: string, { ingress, api }: ClusterAddresses): WorkspaceRules {
  const tls = tlsRules(host, ingress);
  return {
    http: {
      routers: {
        [host]: httpRouter(host, [CLIENT_HEADERS], host),
        [grpcName(host)]: grpcRouter(host),
      },
      services: {
        [host]: httpService(`http://${ingress}:80`),
        [grpcName(host)]: httpService(`h2c://${ingress}:80`),
      },
    },
    tcp: {
      routers: {
        ...tls.routers,
        [kubeName(host)]: tlsRouter(exactSniRule(host), ENTRY_POINT.kube, kubeName(host)),
      },
      services: { ...tls.services, [kubeName(host)]: tcpService(api.host, api.port) },
    },
  };
}

function startingRules(host: string, { ingress }: ClusterAddresses): WorkspaceRules {
  return {
    http: {
      routers: { ...asleepRouters(host), [challengeName(host)]: challengeRouter(host) },
      services: { [host]: httpService(`http://${ingress}:80`) },
    },
    tcp: tlsRules(host, ingress),
  };
}

function asleepRules(host: string, kube: ListenAddress): WorkspaceRules {
  return {
    http: { routers: asleepRouters(host), services: {} },
    tcp: {
      routers: { [host]: refusedRouter(host) },
      services: { [REFUSED]: tcpService(kube.host, kube.port) },
    },
  };
}

function asleepRouters(host: string): Section {
  return { [host]: httpRouter(host, ASLEEP_MIDDLEWARES, NO_SERVER) };
}

function tlsRules(host: string, ingress: string): WorkspaceRules['tcp'] {
  return {
    routers: { [host]: tlsRouter(sniRule(host), ENTRY_POINT.https, host) },
    services: { [host]: tcpService(ingress, 443) },
  };
}

/** No host has an underscore, so this is never the name of another user's host, as "kube-alice" would be. */
function kubeName(host: string): string {
  return `kube_${host}`;
}

function grpcName(host: string): string {
  return `grpc_${host}`;
}

function grpcRouter(host: string): object {
  const router = httpRouter(host, [CLIENT_HEADERS], grpcName(host));
  return { ...router, rule: grpcRule(host), priority: asksForMorePriority(host) };
}

function challengeName(host: string): string {
  return `acme_${host}`;
}

function challengeRouter(host: string): object {
  const router = httpRouter(host, [CLIENT_HEADERS], host);
  return { ...router, rule: challengeRule(host), priority: asksForMorePriority(host) };
}

function httpRouter(host: string, middlewares: readonly string[], service: string): object {
  return { rule: hostRule(host), entryPoints: [ENTRY_POINT.http], middlewares, service };
}

function tlsRouter(rule: string, entryPoint: string, service: string): object {
  return { rule, entryPoints: [entryPoint], service, tls: { passthrough: true } };
}

/**
 * Without this one, TLS for a host asleep would go to the user's lab on a host above it. The hello goes to another entry point of
 * Traefik itself, the one of the Kubernetes APIs, which has no router for a host asleep either: there it is refused with the alert
 * that unknown names get. With TLS ended here Traefik would close the connection without one, as it looks for a server first.
 */
function refusedRouter(host: string): object {
  return tlsRouter(sniRule(host), ENTRY_POINT.https, REFUSED);
}

function tcpService(host: string, port: number): object {
  return { loadBalancer: { servers: [{ address: formatListen({ host, port }) }] } };
}
