import { ENTRY_POINT } from './entry-points.ts';
import { exactSniRule, grpcPriority, grpcRule, hostRule, sniRule } from './host-rules.ts';
import { ASLEEP_MIDDLEWARES, CLIENT_HEADERS, httpService, NO_SERVER } from './page-rules.ts';
import type { HostRoute } from './route-table.ts';
import type { Section } from './section.ts';

/** A TCP service without servers, for hosts whose TLS is refused. No host has this name: each has a dot. */
const REFUSED = 'refused';

/** RFC 8555 §8.3. */
const HTTP_CHALLENGES = '/.well-known/acme-challenge/';

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
 */
export function workspaceRules(hosts: readonly HostRoute[]): WorkspaceRules {
  const http = { routers: {} as Section, services: {} as Section };
  const tcp = { routers: {} as Section, services: {} as Section };
  for (const { host, route } of hosts) {
    const ingress = route.kind === 'awake' ? route.addresses.ingress : route.starting?.ingress;
    if (ingress === undefined) {
      tcp.routers[host] = refusedRouter(host);
      tcp.services[REFUSED] = { loadBalancer: { servers: [] } };
    } else {
      http.services[host] = httpService(`http://${ingress}:80`);
      tcp.routers[host] = tlsRouter(sniRule(host), ENTRY_POINT.https, host);
      tcp.services[host] = tcpService(ingress, 443);
    }
    if (route.kind === 'asleep') {
      http.routers[host] = httpRouter(host, ASLEEP_MIDDLEWARES, NO_SERVER);
      if (route.starting !== undefined) http.routers[challengeName(host)] = challengeRouter(host);
      continue;
    }
    const { api } = route.addresses;
    http.routers[host] = httpRouter(host, [CLIENT_HEADERS], host);
    http.routers[grpcName(host)] = grpcRouter(host);
    http.services[grpcName(host)] = httpService(`h2c://${ingress}:80`);
    tcp.routers[kubeName(host)] = tlsRouter(exactSniRule(host), ENTRY_POINT.kube, kubeName(host));
    tcp.services[kubeName(host)] = tcpService(api.host, api.port);
  }
  return { http, tcp };
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
  return { ...router, rule: grpcRule(host), priority: grpcPriority(host) };
}

function challengeName(host: string): string {
  return `acme_${host}`;
}

/** Before the host's own router, and behind that of any host below it: such a rule is longer by more than one character. */
function challengeRouter(host: string): object {
  return {
    ...httpRouter(host, [CLIENT_HEADERS], host),
    rule: `(${hostRule(host)}) && PathPrefix(\`${HTTP_CHALLENGES}\`)`,
    priority: hostRule(host).length + 1,
  };
}

function httpRouter(host: string, middlewares: readonly string[], service: string): object {
  return { rule: hostRule(host), entryPoints: [ENTRY_POINT.http], middlewares, service };
}

function tlsRouter(rule: string, entryPoint: string, service: string): object {
  return { rule, entryPoints: [entryPoint], service, tls: { passthrough: true } };
}

/**
 * Without this one, TLS for a host asleep would go to the user's lab on a host above it. Traefik is to end TLS itself, has no
 * certificate for that, and refuses with an alert, as it does for unknown names.
 */
function refusedRouter(host: string): object {
  return { rule: sniRule(host), entryPoints: [ENTRY_POINT.https], service: REFUSED, tls: {} };
}

function tcpService(host: string, port: number): object {
  return { loadBalancer: { servers: [{ address: `${host}:${port}` }] } };
}
